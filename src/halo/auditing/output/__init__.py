"""An audit in the terminal and in files: audit.json and audit.html, the page about it."""
