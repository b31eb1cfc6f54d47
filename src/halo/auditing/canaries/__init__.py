"""Random secrets in the training text, and how well a model remembers them."""
