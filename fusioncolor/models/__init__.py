"""Lightness -> chroma: what is learned, saved and loaded."""
