"""A folder of photographs -> batches to train on."""
