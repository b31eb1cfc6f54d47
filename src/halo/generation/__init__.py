"""From a prompt to sampled text."""
