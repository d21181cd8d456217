"""Modelmark."""
