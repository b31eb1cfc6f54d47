"""The command line: Hydra in front, one-line errors with an exit status, the table at the end of a sweep."""
