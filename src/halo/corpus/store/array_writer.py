"""A writer of .npy files piece by piece."""

import io
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

_HEADER_BYTES = 128


class ArrayWriter:
    """Writes a one-dimensional array whose length is known only at the end. A context manager.

    Args:
        file: The .npy file.
        dtype: Integer type of the values.
    """

    def __init__(self, file: Path, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._length = 0
        self._file = file.open("wb")
        self._file.write(bytes(_HEADER_BYTES))

    def append(self, values: npt.NDArray[Any]) -> None:
        """Appends `values`, each of which has to fit the dtype."""
        assert values.max(initial=0) <= np.iinfo(self._dtype).max, f"a value that {self._dtype} cannot hold"
        self._file.write(values.astype(self._dtype, copy=False).tobytes())
        self._length += len(values)

    def __enter__(self) -> "ArrayWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._file.seek(0)
                self._file.write(self._header())

    def _header(self) -> bytes:
        header = io.BytesIO()
        description = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._length,),
        }
        np.lib.format.write_array_header_1_0(header, description)
        assert len(header.getvalue()) == _HEADER_BYTES
        return header.getvalue()
