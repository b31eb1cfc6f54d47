"""Paths, globs and URLs -> documents, read as a stream."""
