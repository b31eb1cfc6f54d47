"""Effects of variants on the likelihood of a sequence: their files, scores and tables."""
