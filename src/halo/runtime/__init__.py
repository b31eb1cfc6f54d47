"""Infrastructure without knowledge of language models: errors, atomic files, locks, processes, progress."""
