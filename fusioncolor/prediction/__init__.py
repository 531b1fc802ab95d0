"""Photograph files -> colorized files."""
