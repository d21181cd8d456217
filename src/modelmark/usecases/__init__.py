"""One verb, one file: the order of steps, over the ports in `ports.py`."""
