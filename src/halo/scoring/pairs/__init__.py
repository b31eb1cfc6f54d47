"""Minimal pairs: how often a model finds the acceptable sentence of two more probable."""
