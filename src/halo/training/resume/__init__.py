"""Writes resume checkpoints, finds them, and restores a run from them."""
