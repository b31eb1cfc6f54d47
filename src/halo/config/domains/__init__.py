"""Parts of the settings of the data: files, text, genomes, series."""
