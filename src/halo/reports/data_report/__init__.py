"""A page about a prepared text that is looked at, not computed with: figures, tables, examples, and hints."""
