"""A classifier for ten numeric columns."""
