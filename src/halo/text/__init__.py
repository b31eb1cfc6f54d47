"""From files to token ids. Nothing here knows tensors."""
