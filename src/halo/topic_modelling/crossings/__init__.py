"""Topics beside something else about the same texts: their dates, labels, surprisal or sentiment."""
