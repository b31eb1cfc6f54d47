"""Array types: the names say which type their values have."""

from typing import get_args

import numpy as np

from halo.runtime.array_types import BoolArray, IntArray


def test_names_and_types_agree() -> None:
    (int_type,), (bool_type,) = (get_args(get_args(alias)[1]) for alias in (IntArray, BoolArray))
    assert int_type is np.int64
    assert bool_type is np.bool_
