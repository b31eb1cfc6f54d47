"""Cleaned documents on disk as numbers of tokens, and the files of a prepared corpus."""
