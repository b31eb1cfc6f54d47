"""The saved model: writing it, loading it, and validating files that may come from anybody."""
