"""Cards: what a model or a text is, in Markdown, with metadata that model hubs read."""
