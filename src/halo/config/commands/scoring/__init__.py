"""Settings of halo.score, and of files of texts as it reads and writes them."""
