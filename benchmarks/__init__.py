"""Measurements of speed, memory and quality; README.md says which script answers which question."""
