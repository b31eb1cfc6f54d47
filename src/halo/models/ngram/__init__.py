"""N-gram models: baselines from counts, in NumPy."""
