"""Looks into the files of a version, one kind of facts a module; what a bundle says is hostile here."""
