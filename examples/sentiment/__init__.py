"""A sentiment classifier for product reviews."""
