"""A prepared corpus, read from its folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS
from halo.corpus.split_writer import TextCounts
from halo.corpus.store.statistics import Statistics
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TextTokenizer

Ids = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Corpus:
    """A prepared corpus.

    Attributes:
        folder: Where it stands.
        tokenizer: Its vocabulary, from the training split only.
        ids: For each split the token ids, shape (num_tokens,), memory-mapped.
        offsets: For each split where in the ids each document begins, and the end, shape (documents + 1,).
        labels: For each split the label of each document, as an index of `label_names`, shape (documents,).
        label_names: The labels of the text; a text without labels has the one label "".
        counts: For each split what it consists of.
        manifest: What was read, with which settings, and what was dropped, as plain data.
        statistics: What there is to see of it.
    """

    folder: Path
    tokenizer: TextTokenizer
    ids: dict[str, Ids]
    offsets: dict[str, npt.NDArray[np.int64]]
    labels: dict[str, Ids]
    label_names: list[str]
    counts: dict[str, TextCounts]
    manifest: dict[str, Any]
    statistics: Statistics


def load_corpus(folder: Path) -> Corpus:
    """Reads a prepared corpus; its ids stay on disk, memory-mapped.

    Raises:
        InputError: A file of the folder is missing or damaged.
    """
    tokenizer = TextTokenizer.load(folder / "tokenizer.json")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        counts = {name: TextCounts(**manifest["splits"][name]) for name in SPLITS}
        ids = {name: _open_array(folder / f"{name}.npy") for name in SPLITS}
        offsets = {name: _open_array(folder / f"{name}.offsets.npy") for name in SPLITS}
        labels = {name: _open_array(folder / f"{name}.labels.npy") for name in SPLITS}
        label_names = list(manifest["labels"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{folder}: a damaged cache folder ({reason(error)}); delete it and run again") from error
    statistics = Statistics.load(folder)
    return Corpus(folder, tokenizer, ids, offsets, labels, label_names, counts, manifest, statistics)


def _open_array(file: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    return array
