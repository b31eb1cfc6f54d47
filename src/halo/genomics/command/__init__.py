"""What `halo.genome` does, from its settings to its report."""
