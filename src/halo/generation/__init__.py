"""Text generation: from a prompt to sampled text."""
