"""A prepared corpus, opened from its folder."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from halo.config import SPLITS
from halo.corpus.remote.remote_array import RemoteArray
from halo.corpus.remote.remote_folder import RemoteFolder
from halo.corpus.store.document_texts import DocumentTexts
from halo.corpus.store.statistics_file import CorpusStatistics
from halo.corpus.text_counts import TextCounts
from halo.runtime.array_types import IntArray
from halo.runtime.errors import InputError, reason
from halo.tokenization.series_bins import FILE_NAME as SERIES_FILE
from halo.tokenization.series_bins import SeriesBins
from halo.tokenization.tokenizer import TextTokenizer, TokenIds
from halo.tokenization.word_statistics import WordStatistics

COUNTED_TOKENS = 2**22  # at a time
LabelNumbers = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Corpus:
    """A prepared corpus.

    Attributes:
        folder: The folder of its files; of a corpus at a URL, only its name.
        tokenizer: The tokenizer, whose vocabulary comes from the training split only.
        ids: For each split the token ids, shape (num_tokens,): memory-mapped, or a `RemoteArray`.
        offsets: For each split the index of the first id of each document, and the number of ids,
            shape (documents + 1,).
        labels: For each split the label of each document, as an index of `label_names`, shape (documents,).
        label_names: The labels of the text; a text without labels has the single label "".
        counts: For each split its counts.
        manifest: The files, the settings, the dropped duplicates and the counts, as plain data.
        statistics: The statistics that the data report shows.
        url: The URL of its files, if it is at one; empty if not.
        texts_at_url: The facts that `document_texts` returns, of a corpus at a URL.
        series_bins: The bins of series; None if the corpus is text.
        is_private: Whether statistics and manifest lack all text, see `halo.corpus.privacy.private_view`.
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
    url: str = ""
    texts_at_url: dict[str, DocumentTexts] = field(default_factory=dict)
    series_bins: SeriesBins | None = None
    is_private: bool = False

    @property
    def location(self) -> str:
        """The folder or URL of its files."""
        return self.url or str(self.folder)

    def document_texts(self, split: str) -> DocumentTexts | None:
        """Returns the facts about each text of a held-out split; None if the text was prepared without them.

        Raises:
            InputError: Their file is damaged.
        """
        if self.url:
            return self.texts_at_url.get(split)
        file = self.folder / f"{split}.documents.npz"
        try:
            return DocumentTexts.load(file) if file.exists() else None
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise _damaged(self.folder, error) from error

    def word_statistics(self) -> WordStatistics:
        """Returns the statistics of the vocabulary that a model keeps."""
        counts = np.zeros(self.tokenizer.vocab_size, dtype=np.int64)
        for begin in range(0, len(self.ids["train"]), COUNTED_TOKENS):
            counts += np.bincount(self.ids["train"][begin : begin + COUNTED_TOKENS], minlength=len(counts))
        return WordStatistics(counts, self.statistics.cased_forms)


def load_corpus(folder: Path) -> Corpus:
    """Opens a prepared corpus; its ids stay on disk, memory-mapped.

    Raises:
        InputError: A file of the folder is missing or damaged.
    """
    return _load(folder, shown=str(folder), open_array=lambda name: _open_array(folder / name))


def load_remote_corpus(url: str, *, setting: str) -> Corpus:
    """Opens a prepared corpus at a URL; its ids stay there, and all else is read into memory.

    Args:
        url: The URL of the folder.
        setting: The setting that names it, for messages.

    Raises:
        InputError: It cannot be read, or a file of it is missing or damaged.
    """
    remote = RemoteFolder(url, setting=setting)
    names = {f"{split}.npy" for split in SPLITS}

    with tempfile.TemporaryDirectory(prefix="halo-") as temporary:
        folder = Path(temporary)
        remote.download(folder, without=names)

        def open_array(name: str) -> Any:
            return RemoteArray(remote, name) if name in names else np.load(folder / name, allow_pickle=False)

        corpus = _load(folder, shown=url, open_array=open_array)
        texts = {split: found for split in SPLITS if (found := corpus.document_texts(split)) is not None}
    return replace(corpus, folder=Path(remote.name), url=remote.url, texts_at_url=texts)


def _load(folder: Path, *, shown: str, open_array: Callable[[str], Any]) -> Corpus:
    """Opens the files of a prepared corpus: the small ones in `folder`, arrays with `open_array`."""
    try:
        tokenizer = TextTokenizer.load(folder / "tokenizer.json")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        counts = TypeAdapter(dict[str, TextCounts]).validate_python({name: manifest["splits"][name] for name in SPLITS})
        ids = {name: open_array(f"{name}.npy") for name in SPLITS}
        offsets = {name: open_array(f"{name}.offsets.npy") for name in SPLITS}
        labels = {name: open_array(f"{name}.labels.npy") for name in SPLITS}
        label_names = list(manifest["labels"])
    except InputError:  # is a ValueError too
        raise
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(shown, error) from error
    statistics = CorpusStatistics.load(folder)
    series_bins = SeriesBins.load(folder / SERIES_FILE) if "series" in manifest else None
    return Corpus(
        *(folder, tokenizer, ids, offsets, labels, label_names, counts, manifest, statistics), series_bins=series_bins
    )


def _damaged(folder: Path | str, error: Exception) -> InputError:
    return InputError(f"{folder}: damaged prepared corpus ({reason(error)}); delete this folder and rerun")


def _open_array(file: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    return array
