"""Exact and near duplicates among documents and paragraphs."""
