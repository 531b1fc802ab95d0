"""Networks: Keras layers and nothing else."""
