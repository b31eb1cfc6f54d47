"""Infrastructure that knows nothing about language models: errors, atomic files, locks, processes, progress."""
