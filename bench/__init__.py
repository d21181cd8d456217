"""Measurements: programs that print a table, ours beside the peer's, in the same run. Run with `python -m bench`."""
