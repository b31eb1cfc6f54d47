"""Settings of `halo.topics`."""
