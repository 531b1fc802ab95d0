"""Stand-ins for the usual ways to run the same networks, each as people write it, to compare with this project."""
