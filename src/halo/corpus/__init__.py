"""Text files -> a folder of token ids, cached by content and settings."""
