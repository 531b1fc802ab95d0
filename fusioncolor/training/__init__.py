"""A folder of photographs -> a run folder with a trained colorizer."""
