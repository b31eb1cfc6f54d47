"""Reading times: how much better surprisal predicts them than length and frequency alone."""
