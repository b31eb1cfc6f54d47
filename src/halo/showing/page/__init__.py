"""The page about a batch: every step from text to loss."""
