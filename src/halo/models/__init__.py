"""Language models: ids in, logits and a state out. Nothing here knows words."""
