"""Trained classifiers in use: files of texts -> files of labels."""
