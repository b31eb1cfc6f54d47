"""Documents -> a folder of ids, made once for each content and setting.

The folder `cache_dir/FINGERPRINT` holds `train.npy`, `validation.npy` and `test.npy` (token ids, uint16 or uint32, read
memory-mapped), `tokenizer.json` and `manifest.json`. The fingerprint is a hash of the documents, the settings, and the
code and library that turn the one into the other: a text that changed never meets its old ids.
"""

import hashlib
import itertools
import json
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tokenizers

from halo.config import DataConfig
from halo.errors import InputError
from halo.text.cleaning import clean, paragraphs
from halo.text.duplicates import Duplicates, find_duplicates, repeated_text
from halo.text.files import fingerprint_sources
from halo.text.sources import Document, find_sources, read_documents
from halo.text.splitting import SPLITS, divisible, split_documents
from halo.text.tokenizer import TextTokenizer

MAX_LISTED = 10_000  # duplicates in manifest.json, which is read whole; the counts there are of all
log = logging.getLogger(__name__)

Ids = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class TextCounts:
    """What a text consists of, after cleaning.

    Attributes:
        documents: Number of documents.
        words: Stretches between white space.
        characters: Characters, with white space.
        tokens: Tokens, `<eos>` among them.
        unknown_tokens: Tokens whose word is not in the vocabulary.
        end_tokens: How many of the tokens are `<eos>`.
    """

    documents: int
    words: int
    characters: int
    tokens: int
    unknown_tokens: int
    end_tokens: int

    @property
    def out_of_vocabulary_rate(self) -> float:
        """Share of the tokens other than `<eos>` whose word is not in the vocabulary."""
        return self.unknown_tokens / max(self.tokens - self.end_tokens, 1)


@dataclass(frozen=True)
class Corpus:
    """A prepared corpus.

    Attributes:
        folder: Where it stands.
        tokenizer: Its vocabulary, from the training split only.
        ids: For each split the token ids, shape (num_tokens,), memory-mapped.
        counts: For each split what it consists of.
    """

    folder: Path
    tokenizer: TextTokenizer
    ids: dict[str, Ids]
    counts: dict[str, TextCounts]


def prepare(config: DataConfig) -> Corpus:
    """Returns the corpus of `config`, from the cache where it is there, else made and put there.

    Raises:
        InputError: The text cannot be read, or it is too small for the batches that the settings ask for.
    """
    documents = list(read_documents(config))
    folder = Path(config.cache_dir) / fingerprint(documents, config)
    if not folder.is_dir():
        _make(folder, documents, config)
    corpus = _load(folder)
    _require_enough(corpus.counts, config)
    return corpus


def fingerprint(documents: Sequence[Document], config: DataConfig) -> str:
    """Returns the key of a prepared corpus: 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256(f"{tokenizers.__version__} {version('rensa')}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    digest.update(json.dumps(_settings(config), sort_keys=True).encode())
    for document in documents:
        digest.update(json.dumps([document.split, document.label, document.text]).encode())
    return digest.hexdigest()[:16]


def _settings(config: DataConfig) -> dict[str, Any]:
    parts = {part: asdict(getattr(config, part)) for part in ("cleaning", "tokenizer", "duplicates", "splits")}
    return {"documents": config.documents, **parts}


def _make(folder: Path, documents: Sequence[Document], config: DataConfig) -> None:
    splits, duplicates = _clean_and_split(documents, config)
    texts = {name: [document.text for document in splits[name]] for name in SPLITS}
    lines = itertools.chain.from_iterable(map(paragraphs, texts["train"]))
    tokenizer = TextTokenizer.train(
        lines,
        kind=config.tokenizer.kind,
        min_count=config.tokenizer.min_count,
        max_size=config.tokenizer.max_size,
    )
    ids = {name: encode_documents(texts[name], tokenizer, config) for name in SPLITS}
    counts = {name: count_text(texts[name], ids[name], tokenizer) for name in SPLITS}
    _require_enough(counts, config)
    manifest = {
        "format": 1,
        "source": config.source,
        "files": [each._asdict() for each in fingerprint_sources(find_sources(config))],
        "settings": _settings(config),
        "vocabulary": tokenizer.vocab_size,
        "duplicates": _describe(duplicates),
        "splits": {name: asdict(counts[name]) for name in SPLITS},
        "tokenizers_version": tokenizers.__version__,
    }
    _write(folder, tokenizer, ids, manifest)


def _clean_and_split(documents: Sequence[Document], config: DataConfig) -> tuple[dict[str, list[Document]], Duplicates]:
    """Returns the cleaned documents of each split, and what was dropped before the split because it stands twice."""
    documents = divisible(documents)
    cleaned = [replace(document, text=clean(document.text, config.cleaning)) for document in documents]
    duplicates = find_duplicates(cleaned, config.duplicates)
    left = [index for index in range(len(documents)) if index not in duplicates.documents]
    texts = [duplicates.remaining(index, cleaned[index].text) for index in left]
    if duplicates.dropped:
        counts = ", ".join(f"{number} {what}" for what, number in duplicates.counts().items())
        log.info("%s: dropped what stands twice: %s; manifest.json lists them", config.source, counts)
    splits = split_documents([documents[index] for index in left], config.splits, texts=texts)
    leak = repeated_text(([document.text for document in splits[name]] for name in SPLITS), config.duplicates)
    assert leak is None, f"this paragraph stands in two splits, which is an error of halo: {leak}"
    return splits, duplicates


def _describe(duplicates: Duplicates) -> dict[str, Any]:
    listed = duplicates.dropped[:MAX_LISTED]
    return {
        "counts": duplicates.counts(),
        "total": len(duplicates.dropped),
        "listed": len(listed),
        "dropped": [asdict(item) for item in listed],
    }


def encode_documents(texts: Sequence[str], tokenizer: TextTokenizer, config: DataConfig) -> Ids:
    """Returns the ids of cleaned documents one after another, with `<eos>` where `config.tokenizer.eos` says.

    A document without text has no `<eos>` either, unless `config.documents` is `every_line`.
    """
    blank = [""] if config.documents == "every_line" else []
    pieces = [paragraphs(text) or blank for text in texts]
    encoded = iter(tokenizer.encode_batch(list(itertools.chain.from_iterable(pieces))))
    ids: list[int] = []
    for document in pieces:
        for position, _ in enumerate(document, start=1):
            ids += next(encoded)
            if config.tokenizer.eos == "paragraph" or position == len(document):
                ids.append(tokenizer.end_id)
    dtype = np.uint16 if tokenizer.vocab_size <= np.iinfo(np.uint16).max + 1 else np.uint32
    return np.array(ids, dtype=dtype)


def count_text(texts: Sequence[str], ids: Ids, tokenizer: TextTokenizer) -> TextCounts:
    """Returns what cleaned documents and their ids consist of."""
    return TextCounts(
        documents=len(texts),
        words=sum(len(text.split()) for text in texts),
        characters=sum(map(len, texts)),
        tokens=len(ids),
        unknown_tokens=int((ids == tokenizer.unknown_id).sum()),
        end_tokens=int((ids == tokenizer.end_id).sum()),
    )


def _require_enough(counts: dict[str, TextCounts], config: DataConfig) -> None:
    needed = {
        "train": (config.batch_size * config.window_tokens, "data.batch_size or data.window_tokens"),
        "validation": (config.eval_streams, "data.eval_streams"),
        "test": (config.eval_streams, "data.eval_streams"),
    }
    for name, (tokens, remedy) in needed.items():
        if counts[name].tokens < tokens:
            raise InputError(
                f"{config.source}: the {name} split has {counts[name].tokens} tokens, "
                f"at least {tokens} are needed; give more text or lower {remedy}"
            )


def _write(folder: Path, tokenizer: TextTokenizer, ids: dict[str, Ids], manifest: dict[str, Any]) -> None:
    """Writes under a temporary name and renames, so that the folder is whole or not there."""
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        tokenizer.save(unfinished / "tokenizer.json")
        for name, split_ids in ids.items():
            np.save(unfinished / f"{name}.npy", split_ids, allow_pickle=False)
        (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # else another process was quicker, and its folder is the same
            raise InputError(f"{folder}: the prepared text cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _load(folder: Path) -> Corpus:
    tokenizer = TextTokenizer.load(folder / "tokenizer.json")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        counts = {name: TextCounts(**manifest["splits"][name]) for name in SPLITS}
        ids = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in SPLITS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: a damaged cache folder ({error}); delete it and run again") from error
    return Corpus(folder, tokenizer, ids, counts)
