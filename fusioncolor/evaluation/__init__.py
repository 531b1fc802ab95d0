"""Colorizers x photographs -> tables and a page."""
