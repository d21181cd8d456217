"""One check of the gate, one file: a candidate in, findings out."""
