"""Removal of markup: HTML, and the XML of scientific articles."""
