"""Cleaning of raw text, in named steps."""
