"""The dates at which the training and the validation part end, the same for all series."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, SplitConfig
from halo.corpus.series.transform import Changes
from halo.runtime.errors import InputError, printable


class Cuts(NamedTuple):
    """The last dates of the parts before the test part.

    Attributes:
        training_end: The last date of training.
        validation_end: The last date of validation.
    """

    training_end: np.datetime64
    validation_end: np.datetime64


def find_cuts(series: Sequence[Changes], config: SplitConfig) -> Cuts:
    """Returns the dates that divide all dates of all series by the fractions of `config`, in order.

    The dates are those of all series together: of no series does training see a date at which another one is tested.

    Raises:
        InputError: There are too few dates.
    """
    dates = np.unique(np.concatenate([each.dates for each in series]))
    first = round(len(dates) * config.train)
    second = round(len(dates) * (config.train + config.validation))
    if not 1 <= first < second < len(dates):
        raise InputError(f"the series have {len(dates)} dates, too few to divide; give more, or change data.splits")
    return Cuts(dates[first - 1], dates[second - 1])


def split_slices(series: Changes, cuts: Cuts) -> dict[str, slice]:
    """Returns where each split of a series is; its dates end before those of the next.

    Raises:
        InputError: A split has no value.
    """
    first, second = np.searchsorted(series.dates, np.array(cuts), side="right").tolist()
    slices = dict(zip(SPLITS, (slice(0, first), slice(first, second), slice(second, len(series.dates))), strict=True))
    for split, part in slices.items():
        if part.start == part.stop:
            between = {
                "train": f"until {cuts.training_end}",
                "validation": f"after {cuts.training_end} until {cuts.validation_end}",
                "test": f"after {cuts.validation_end}",
            }[split]
            raise InputError(
                f"series {printable(series.name)}: no value in the {split} part ({between}, for all series); leave it "
                "out with data.series.value_fields, or change data.splits"
            )
    return slices
