"""What is measured: one case, one module, one function that yields rows."""
