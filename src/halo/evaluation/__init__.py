"""How well a model predicts a text. Nothing here needs Lightning."""
