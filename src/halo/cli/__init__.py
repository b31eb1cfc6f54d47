"""The command line: Hydra in front, one-line errors with an exit status, and the table that ends a sweep."""

import importlib.util
import sys

if importlib.util.find_spec("hydra") is None:  # an installation for inference has no commands
    print("error: the commands need further packages; pip install 'semblance-halo[train]'", file=sys.stderr)
    sys.exit(2)
