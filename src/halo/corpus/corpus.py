"""A prepared corpus, opened from its folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from halo.config import SPLITS
from halo.corpus.store.document_texts import DocumentTexts
from halo.corpus.store.statistics_file import CorpusStatistics
from halo.corpus.text_counts import TextCounts
from halo.runtime.array_types import IntArray
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TextTokenizer, TokenIds
from halo.tokenization.word_statistics import WordStatistics

LabelNumbers = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Corpus:
    """A prepared corpus.

    Attributes:
        folder: The folder of its files.
        tokenizer: The tokenizer, whose vocabulary comes from the training split only.
        ids: For each split the token ids, shape (num_tokens,), memory-mapped.
        offsets: For each split the index of the first id of each document, and the number of ids,
            shape (documents + 1,).
        labels: For each split the label of each document, as an index of `label_names`, shape (documents,).
        label_names: The labels of the text; a text without labels has the single label "".
        counts: For each split its counts.
        manifest: The files, the settings, the dropped duplicates and the counts, as plain data.
        statistics: The statistics that the data report shows.
    """

    folder: Path
    tokenizer: TextTokenizer
    ids: dict[str, TokenIds]
    offsets: dict[str, IntArray]
    labels: dict[str, LabelNumbers]
    label_names: list[str]
    counts: dict[str, TextCounts]
    manifest: dict[str, Any]
    statistics: CorpusStatistics

    def document_texts(self, split: str) -> DocumentTexts | None:
        """Returns the facts about each text of a held-out split; None if the text was prepared without them.

        Raises:
            InputError: Their file is damaged.
        """
        file = self.folder / f"{split}.documents.npz"
        try:
            return DocumentTexts.load(file) if file.exists() else None
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise _damaged(self.folder, error) from error

    def word_statistics(self) -> WordStatistics:
        """Returns the statistics of the vocabulary that a model keeps."""
        counts = np.bincount(self.ids["train"], minlength=self.tokenizer.vocab_size)
        return WordStatistics(counts, self.statistics.cased_forms)


def load_corpus(folder: Path) -> Corpus:
    """Opens a prepared corpus; its ids stay on disk, memory-mapped.

    Raises:
        InputError: A file of the folder is missing or damaged.
    """
    tokenizer = TextTokenizer.load(folder / "tokenizer.json")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        counts = TypeAdapter(dict[str, TextCounts]).validate_python({name: manifest["splits"][name] for name in SPLITS})
        ids = {name: _open_array(folder / f"{name}.npy") for name in SPLITS}
        offsets = {name: _open_array(folder / f"{name}.offsets.npy") for name in SPLITS}
        labels = {name: _open_array(folder / f"{name}.labels.npy") for name in SPLITS}
        label_names = list(manifest["labels"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(folder, error) from error
    statistics = CorpusStatistics.load(folder)
    return Corpus(folder, tokenizer, ids, offsets, labels, label_names, counts, manifest, statistics)


def _damaged(folder: Path, error: Exception) -> InputError:
    return InputError(f"{folder}: damaged prepared corpus ({reason(error)}); delete this folder and rerun")


def _open_array(file: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    return array
