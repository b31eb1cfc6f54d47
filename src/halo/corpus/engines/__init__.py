"""Engines that read, clean and tokenize text: the processes of one machine, or a Ray cluster."""
