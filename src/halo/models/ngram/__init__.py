"""N-gram models: counts alone, in numpy, as baselines."""
