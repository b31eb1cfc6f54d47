"""Language models: token ids in, logits and a state out. Nothing here sees words, except their character n-grams."""
