"""Genomes: FASTA and FASTQ files -> regions of nucleotide sequences -> ids, without the cleaning of text."""
