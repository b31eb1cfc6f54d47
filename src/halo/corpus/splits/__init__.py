"""Which document goes into which split."""
