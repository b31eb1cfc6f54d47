"""Audit of what a trained model remembers of its training text."""
