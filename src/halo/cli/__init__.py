"""The command line: Hydra in front, one-line errors with an exit status, and the table that ends a sweep."""
