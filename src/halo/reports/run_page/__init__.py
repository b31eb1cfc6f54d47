"""The page about a training run: report.html, one self-contained file with figures, curves, words and passages."""
