"""The table at the end of a sweep, which setting won, and sweep.csv."""

import logging
from collections.abc import Sequence

from halo.sweeping.trials import Trials

log = logging.getLogger(__name__)


def summarise(trials: Trials, objectives: Sequence[str]) -> None:
    """Prints and writes the results of a study."""
