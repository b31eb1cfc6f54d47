"""The array writer: NumPy reads what was written in pieces, and a failed write is no array."""

from pathlib import Path

import numpy as np
import pytest

from halo.corpus.store.array_writer import ArrayWriter


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int64])
@pytest.mark.parametrize("pieces", [[], [3], [0, 5, 1000]])
def test_numpy_reads_the_pieces_as_one_array(tmp_path: Path, dtype: type[np.integer], pieces: list[int]) -> None:
    with ArrayWriter(tmp_path / "a.npy", dtype) as writer:
        for length in pieces:
            writer.append(np.arange(length) % 200)
    array = np.load(tmp_path / "a.npy", mmap_mode="r", allow_pickle=False)
    assert array.dtype == dtype
    assert array.tolist() == [number % 200 for length in pieces for number in range(length)]


def test_a_value_that_does_not_fit_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="cannot hold"), ArrayWriter(tmp_path / "a.npy", np.uint8) as writer:
        writer.append(np.array([256]))
    with pytest.raises(ValueError, match="pickled"):  # no header
        np.load(tmp_path / "a.npy", allow_pickle=False)
