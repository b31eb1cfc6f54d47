"""Near duplicates among the regions of a genome, by the k-mers that they have in common."""
