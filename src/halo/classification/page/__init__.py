"""The page about a classifier: classification.html, one self-contained file with figures, charts and examples."""
