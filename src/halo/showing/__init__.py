"""halo show: one batch from text to loss, step by step, for a class."""
