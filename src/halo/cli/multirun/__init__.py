"""A Hydra multirun (`-m`): every job runs whatever becomes of the others, and a table shows what they measured."""
