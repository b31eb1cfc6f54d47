"""Settings of `halo.forecast`."""
