"""Types of the NumPy arrays that several packages use for counts, indexes and masks."""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
"""Counts, indexes, ranks and positions."""

BoolArray = npt.NDArray[np.bool_]
"""Masks."""
