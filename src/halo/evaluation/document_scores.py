"""The negative log-likelihood of each held-out document under a model, from which runs are compared without the model.

A run leaves them in `document_scores.npz`, in its folder and in its bundle: plain arrays, some kilobytes.

Shape letters: D documents, or groups of consecutive ones.
"""

import hashlib
import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from halo.bundle.validation import find_file
from halo.corpus.corpus import Corpus
from halo.corpus.store.document_texts import HASH_BYTES, DocumentTexts, HashArray, hash_array
from halo.runtime.errors import InputError, reason

if TYPE_CHECKING:
    from halo.evaluation.text_metrics import TextMetrics

FILE_NAME = "document_scores.npz"
HELD_OUT = ("validation", "test")
MAX_GROUPS = 1000
"""Of more documents, consecutive ones are put together: the bootstrap gains nothing from more, and files stay small."""
MAX_BYTES = 2**20

_ARRAYS = {"nll": np.float64, "tokens": np.int64, "hashes": np.uint8}
_TEXT_ARRAYS = {"text_hashes": np.uint8, "characters": np.int64, "oov_cost": np.float64}


@dataclass(frozen=True)
class DocumentScores:
    """The scores of the documents of a split under a model.

    Attributes:
        nll: The negative log-likelihood of each document, summed over its tokens, in nats, shape (D,).
        tokens: Number of tokens of each document, shape (D,).
        hashes: The beginning of the SHA-256 hash of the ids of each document, shape (D, HASH_BYTES).
        texts: Hash, length and OOV cost of each cleaned text; None if they are not known.
    """

    nll: npt.NDArray[np.float64]
    tokens: npt.NDArray[np.int64]
    hashes: HashArray
    texts: DocumentTexts | None

    @classmethod
    def of(cls, nll_D: npt.NDArray[np.float64], corpus: Corpus, split: str) -> "DocumentScores":
        """Returns the scores of a split of a corpus, of consecutive documents together where there are very many.

        Args:
            nll_D: The negative log-likelihood of each document.
            corpus: The corpus.
            split: `validation` or `test`.
        """
        offsets, ids = corpus.offsets[split], corpus.ids[split]
        starts = _group_starts(len(nll_D))
        bounds = np.append(offsets[:-1][starts], offsets[-1])
        spans = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        digests = [hashlib.sha256(np.asarray(ids[begin:end]).astype("<u4").tobytes()).digest() for begin, end in spans]
        texts = corpus.document_texts(split)
        return cls(
            nll=np.add.reduceat(nll_D, starts),
            tokens=np.diff(bounds),
            hashes=hash_array(digests),
            texts=None if texts is None else _grouped(texts, starts),
        )

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        arrays: dict[str, npt.NDArray[Any]] = {"nll": self.nll, "tokens": self.tokens, "hashes": self.hashes}
        if self.texts is not None:
            texts = self.texts
            arrays |= {"text_hashes": texts.hashes, "characters": texts.characters, "oov_cost": texts.oov_cost}
        return arrays


def _group_starts(num_documents: int) -> npt.NDArray[np.int64]:
    num_groups = min(num_documents, MAX_GROUPS)
    return np.arange(num_groups, dtype=np.int64) * num_documents // num_groups


def _grouped(texts: DocumentTexts, starts: npt.NDArray[np.int64]) -> DocumentTexts:
    if len(starts) == len(texts.characters):
        return texts
    groups = np.split(texts.hashes, starts[1:])
    return DocumentTexts(
        hash_array([hashlib.sha256(group.tobytes()).digest() for group in groups]),
        np.add.reduceat(texts.characters, starts),
        np.add.reduceat(texts.oov_cost, starts),
    )


def score_documents(metrics: Mapping[str, "TextMetrics"], corpus: Corpus) -> dict[str, DocumentScores]:
    """Returns the scores of the documents of validation and test.

    Args:
        metrics: The metrics of a model on these splits of the corpus.
        corpus: The corpus.
    """
    return {split: DocumentScores.of(metrics[split].document_nll, corpus, split) for split in HELD_OUT}


def scores_as_bytes(scores: Mapping[str, DocumentScores]) -> bytes:
    """Returns the content of `document_scores.npz`; the same scores always give the same bytes."""
    content = io.BytesIO()
    arrays = {f"{split}_{name}": array for split, each in scores.items() for name, array in each._arrays().items()}
    np.savez(content, **arrays)  # type: ignore[arg-type]  # the keyword allow_pickle is not among them
    return content.getvalue()


def read_document_scores(folder: Path) -> dict[str, DocumentScores] | None:
    """Returns the scores beside a model, which may come from anybody; None if there is no such file.

    Raises:
        InputError: The file is damaged, or something else.
    """
    file = find_file(folder, FILE_NAME, max_bytes=MAX_BYTES)
    if file is None:
        return None
    try:
        _require_plain(file)
        with np.load(file, allow_pickle=False) as saved:
            return {split: _read_split(saved, split) for split in HELD_OUT}
    except Exception as error:  # zipfile and numpy raise exceptions of many types
        raise InputError(f"{file}: not the scores of a halo run ({reason(error)}); delete it, or restore it") from error


def _require_plain(file: Path) -> None:
    """Raises `ValueError` unless an archive is uncompressed, so that it takes no more memory than its size."""
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if any(entry.compress_type != zipfile.ZIP_STORED or entry.file_size > MAX_BYTES for entry in entries):
        raise ValueError("it is compressed")


def _read_split(saved: Mapping[str, npt.NDArray[Any]], split: str) -> DocumentScores:
    names = [*_ARRAYS, *(_TEXT_ARRAYS if f"{split}_text_hashes" in saved else ())]
    arrays = {name: saved[f"{split}_{name}"] for name in names}
    size = len(arrays["nll"])
    for name, array in arrays.items():
        shape = (size, HASH_BYTES) if name.endswith("hashes") else (size,)
        if array.dtype != (_ARRAYS | _TEXT_ARRAYS)[name] or array.shape != shape or not 1 <= size <= MAX_GROUPS:
            raise ValueError(f"{split}_{name}: {array.dtype} {array.shape}")
        if not (np.isfinite(array).all() and (array >= 0).all()):
            raise ValueError(f"{split}_{name}: a value below 0, or not finite")
    texts = None
    if "text_hashes" in arrays:
        texts = DocumentTexts(arrays["text_hashes"], arrays["characters"], arrays["oov_cost"])
    return DocumentScores(arrays["nll"], arrays["tokens"], arrays["hashes"], texts)


def is_of(scores: DocumentScores, *, nll: float, tokens: int, tolerance: float = 1e-6) -> bool:
    """Returns whether the scores are those of which a figure was computed.

    Args:
        scores: The scores.
        nll: Mean negative log-likelihood in nats per token.
        tokens: Number of tokens.
        tolerance: Relative difference that another device or library makes.
    """
    found = float(scores.nll.sum()) / max(tokens, 1)
    return int(scores.tokens.sum()) == tokens and math.isclose(found, nll, rel_tol=tolerance)
