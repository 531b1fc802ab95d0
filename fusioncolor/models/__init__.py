"""Predictors of chroma: networks with their heads, and baselines; building, saving and loading them."""
