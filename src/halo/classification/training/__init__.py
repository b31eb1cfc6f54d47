"""Trains a classifier: language model, labelled documents, layer groups, schedule, and the run as a whole."""
