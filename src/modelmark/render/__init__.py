"""Values to text, without decisions: one renderer for each kind of reader."""
