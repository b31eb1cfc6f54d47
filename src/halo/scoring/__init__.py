"""Surprisal of the words of a text, as they stand in the input."""
