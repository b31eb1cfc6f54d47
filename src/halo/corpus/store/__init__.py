"""Tokens, ids and statistics of a corpus on disk."""
