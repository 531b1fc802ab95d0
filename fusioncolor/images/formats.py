"""Formats that are read and written."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
TRANSPARENT = (".png", ".tif", ".tiff", ".webp")
