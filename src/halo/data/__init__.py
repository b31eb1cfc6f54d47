"""From ids to batches of windows."""
