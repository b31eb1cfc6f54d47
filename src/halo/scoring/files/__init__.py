"""Files of texts -> files of scores: items with their columns in, rows of words, regions or texts out."""
