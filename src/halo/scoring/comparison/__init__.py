"""Comparison of models on the same items, with intervals and tests for paired observations."""
