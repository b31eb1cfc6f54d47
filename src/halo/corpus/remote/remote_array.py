"""An array of ids that stays at a URL: blocks are requested where they are needed, checked, and read ahead."""

import io
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.corpus.remote.checksums import BLOCK_BYTES, FileChecksums
from halo.corpus.remote.remote_folder import RemoteFolder
from halo.runtime.errors import InputError, TrainingError, reason

MIN_CACHED_BLOCKS = 32
BLOCKS_PER_STREAM = 3  # the one that is read, the next one, and the one before where a window crosses their border
CONNECTIONS = 8
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5
WAIT_SECONDS = 300.0
HEADER_BYTES = 128  # as `ArrayWriter` writes it

Block = npt.NDArray[Any]


class RemoteArray:
    """A one-dimensional array of a .npy file at a URL, indexed as a NumPy array is: by a number, a slice, or an array.

    Streams read it at many places at once, each onwards from its own. Every access requests the blocks that it needs
    and, in the background, the one after each of them. At most three blocks for each place are kept, or 32 in all.

    Args:
        folder: The prepared folder at a URL.
        name: The name of the file.

    Raises:
        InputError: The file does not exist, has another size than its checksums say, or is no .npy file of ids.
    """

    ndim = 1

    def __init__(self, folder: RemoteFolder, name: str) -> None:
        self._folder, self._name = folder, name
        self._checksums: FileChecksums = folder.checksums_of(name)
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()  # the most recently used last
        self.dtype, self._length = self._read_header()

    def _read_header(self) -> tuple[np.dtype[Any], int]:
        size = self._folder.size(self._name)
        if size != self._checksums.size_bytes:
            raise InputError(
                f"{self.url}: {size:,} bytes, but {self._checksums.size_bytes:,} were prepared; upload the folder again"
            )
        header = self._fetch(0)[:HEADER_BYTES]
        try:
            stream = io.BytesIO(header)
            np.lib.format.read_magic(stream)
            (length,), _, dtype = np.lib.format.read_array_header_1_0(stream)
        except (ValueError, TypeError) as error:
            raise InputError(f"{self.url}: not a file of ids ({reason(error)}); upload the folder again") from error
        if dtype.kind != "u" or HEADER_BYTES + length * dtype.itemsize != size:
            raise InputError(f"{self.url}: not a file of {length:,} ids; upload the folder again")
        return dtype, length

    @property
    def url(self) -> str:
        """The URL of the file."""
        return f"{self._folder.url}/{self._name}"

    @property
    def shape(self) -> tuple[int]:
        """The number of ids, as a NumPy array gives it."""
        return (self._length,)

    def __len__(self) -> int:
        return self._length

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Returns the whole array, which has to fit into memory."""
        whole = self._range(0, self._length)
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __getitem__(self, index: Any) -> Any:
        """Returns ids at the places that `index` gives, as NumPy does.

        Raises:
            IndexError: A place is outside the array.
            TrainingError: A block cannot be read, or has changed.
        """
        if isinstance(index, slice):
            begin, end, step = index.indices(self._length)
            if step == 1:
                return self._range(begin, max(begin, end))
            index = np.arange(begin, end, step)
        places = np.asarray(index)
        if places.dtype.kind not in "iu":
            raise IndexError("ids are indexed by whole numbers and slices")
        places = np.where(places < 0, places + self._length, places)
        if places.size and not 0 <= places.min() <= places.max() < self._length:
            raise IndexError(f"a place outside an array of {self._length:,} ids")
        return self._gather(places)

    def _range(self, begin: int, end: int) -> npt.NDArray[Any]:
        per_block, first = self._per_block, HEADER_BYTES // self.dtype.itemsize
        begin, end = begin + first, end + first
        numbers = range(begin // per_block, math.ceil(end / per_block)) if end > begin else range(0)
        parts = []
        for number, block in zip(numbers, self._get(numbers), strict=True):
            start = number * per_block
            parts.append(block[max(0, begin - start) : end - start])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=self.dtype)

    def _gather(self, places: npt.NDArray[Any]) -> npt.NDArray[Any]:
        numbers, inside = np.divmod(places.astype(np.int64) + HEADER_BYTES // self.dtype.itemsize, self._per_block)
        different, which = np.unique(numbers, return_inverse=True)
        which = which.reshape(places.shape)
        ids = np.empty(places.shape, dtype=self.dtype)
        for position, block in enumerate(self._get(different.tolist())):
            here = which == position
            ids[here] = block[inside[here]]
        return ids

    @property
    def _per_block(self) -> int:
        return BLOCK_BYTES // self.dtype.itemsize

    def _get(self, numbers: Iterable[int]) -> list[Block]:
        """Returns blocks, and requests the one after each of them."""
        wanted = list(numbers)
        ahead = [number + 1 for number in wanted if number + 1 < len(self._checksums.crc32)]
        with self._lock:
            futures = [self._request(number) for number in wanted]
            for number in ahead:
                self._request(number)
            while len(self._blocks) > max(MIN_CACHED_BLOCKS, BLOCKS_PER_STREAM * len(wanted)):
                self._blocks.popitem(last=False)
        blocks = []
        for number, future in zip(wanted, futures, strict=True):
            try:
                blocks.append(np.frombuffer(future.result(WAIT_SECONDS), dtype=self.dtype))
            except BaseException as error:
                with self._lock:
                    self._blocks.pop(number, None)
                if isinstance(error, TimeoutError):
                    raise self._unreadable(number, f"no answer within {WAIT_SECONDS:g} s") from error
                raise
        return blocks

    def _request(self, number: int) -> "Future[bytes]":
        if number not in self._blocks:
            self._pool = self._pool or ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="ids")
            self._blocks[number] = self._pool.submit(self._fetch, number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, number: int) -> bytes:
        """Returns the content of a block, after several attempts if need be."""
        begin, size = number * BLOCK_BYTES, self._checksums.block_size(number)
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                content = self._folder.read(self._name, begin, begin + size)
            except Exception as error:  # each filesystem's package raises its own kinds of exceptions
                problem = reason(error)
                continue
            if self._checksums.is_block(number, content):
                return content
            problem = "other content than was prepared: it has changed, or is damaged"
        raise self._unreadable(number, problem)

    def _unreadable(self, number: int, problem: str) -> TrainingError:
        begin = number * BLOCK_BYTES
        return TrainingError(
            f"{self.url}: bytes {begin:,} to {begin + self._checksums.block_size(number):,} cannot be read in "
            f"{ATTEMPTS} attempts ({problem}); when it can be, the same command with resume=auto goes on"
        )

    def __getstate__(self) -> dict[str, Any]:
        """Returns what another process needs: it opens its own connections."""
        return {**self.__dict__, "_lock": None, "_pool": None, "_blocks": OrderedDict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()
