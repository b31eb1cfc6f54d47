"""Raw text -> clean text, in named steps."""
