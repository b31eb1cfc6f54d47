"""Resume checkpoints: writing them, finding them, restoring a run from them."""
