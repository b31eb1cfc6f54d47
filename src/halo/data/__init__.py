"""Turns token ids into batches: windows of parallel streams."""
