"""Stand-ins for how the same networks are run elsewhere, each as people write it, measured beside this project."""
