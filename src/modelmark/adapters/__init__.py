"""The only rooms with windows: Git, DVC, files."""
