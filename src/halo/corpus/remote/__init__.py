"""Prepared corpora at URLs: uploaded with checksums, and read block by block."""
