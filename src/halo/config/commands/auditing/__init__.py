"""Settings of `halo.audit`."""
