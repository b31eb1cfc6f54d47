"""Analyses of a model and its text for the page: calibration, passages, word vectors."""
