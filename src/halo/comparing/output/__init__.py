"""A comparison as text for the terminal and as files."""
