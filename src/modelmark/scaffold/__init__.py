"""What `modelmark init` writes."""
