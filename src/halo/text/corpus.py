"""A text -> a folder of ids, made once for each content and setting.

The folder `cache_dir/FINGERPRINT` holds for each split `SPLIT.npy` (token ids, uint16 or uint32, read memory-mapped),
`SPLIT.offsets.npy` (where its documents begin) and `SPLIT.labels.npy` (numbers of their labels), and `tokenizer.json`,
`manifest.json` and `statistics.json`. The fingerprint is a hash of the files, the settings, and the code and library
that turn the one into the other: a text that changed never meets its old ids.

    files --read--> documents --Processor, on all cores--> Draft --duplicates--> Division --SplitWriter--> ids

The text streams through: what is in memory at a time are some megabytes of it, a few dozen bytes for each document, and
the different tokens.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.config import DataConfig
from halo.errors import InputError
from halo.text.describing import describe
from halo.text.dividing import divide, require_no_leak
from halo.text.draft import About, Draft, batches
from halo.text.duplicates import Duplicates
from halo.text.files import SourceFile, SourceFingerprint, fingerprint_sources, reason
from halo.text.numericalising import SplitWriter, TextCounts, train_tokenizer
from halo.text.processing import Processor
from halo.text.progress import Progress
from halo.text.sources import Document, find_sources, read_files
from halo.text.splitting import SPLITS
from halo.text.statistics import Statistics
from halo.text.tokenizer import TextTokenizer
from halo.text.whole_folder import is_whole, only_process, remove_leftovers, unwritable
from halo.text.workers import MAX_WORKERS, map_on_all_cores, num_cores

MAX_LISTED = 10_000  # duplicates in manifest.json, which is read whole; the counts there are of all
BATCH_CHARACTERS = 2**20
INLINE_BYTES = 2**22  # less text than this is prepared sooner than other processes have started
log = logging.getLogger(__name__)

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


def prepare(config: DataConfig) -> Corpus:
    """Returns the corpus of `config`, from the cache where it is there, else made and put there.

    Processes that ask for the same corpus at once wait for the first of them. What a killed one left is removed.

    Raises:
        InputError: The text cannot be read, or it is too small for the batches that the settings ask for.
    """
    files = find_sources(config)
    marks = [file.mark() for file in files]
    sources = fingerprint_sources(files)
    folder = Path(config.cache_dir) / fingerprint(files, sources, config)
    if is_whole(folder):
        remove_leftovers(folder.parent)
    else:
        with only_process(folder) as unfinished:
            if not is_whole(folder):
                _make(folder, unfinished, files, marks=marks, sources=sources, config=config)
    corpus = _load(folder)
    _require_enough(corpus.counts, config)
    return corpus


def fingerprint(files: Sequence[SourceFile], sources: Sequence[SourceFingerprint], config: DataConfig) -> str:
    """Returns the key of a prepared corpus: 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256(f"{version('tokenizers')} {version('rensa')}".encode())
    for code in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(code.read_bytes())
    digest.update(json.dumps(_settings(config), sort_keys=True).encode())
    for file, source in zip(files, sources, strict=True):
        digest.update(json.dumps([file.kind, file.split, source.sha256]).encode())
    return digest.hexdigest()[:16]


def _settings(config: DataConfig) -> dict[str, Any]:
    reading = ("documents", "text_field", "title_field", "label_field", "encoding_errors")
    parts = ("cleaning", "tokenizer", "duplicates", "splits")
    return {
        **{key: getattr(config, key) for key in reading},
        **{part: asdict(getattr(config, part)) for part in parts},
    }


def _make(
    folder: Path,
    unfinished: Path,
    files: Sequence[SourceFile],
    *,
    marks: Sequence[str],
    sources: Sequence[SourceFingerprint],
    config: DataConfig,
) -> None:
    """Writes under a temporary name and renames, so that the folder is whole or not there."""
    size = sum(source.size_bytes for source in sources)
    try:
        unfinished.mkdir()
        with Progress(size) as progress:
            manifest = {
                "format": 3,
                "source": config.source,
                "files": [source._asdict() for source in sources],
                "settings": _settings(config),
                **_write(unfinished, files, config, progress, workers=_num_workers(size)),
                "versions": {name: version(name) for name in ("semblance-halo", "tokenizers", "rensa")},
            }
        for file, mark in zip(files, marks, strict=True):
            if file.mark() != mark:
                raise InputError(f"{file.name}: changed while it was read; run again when nothing writes to it")
        (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(folder)
        progress.tell()
    except OSError as error:
        raise unwritable(folder, error) from error


def _num_workers(size_bytes: int) -> int:
    return 1 if size_bytes < INLINE_BYTES else min(num_cores(), MAX_WORKERS)


def _write(
    folder: Path, files: Sequence[SourceFile], config: DataConfig, progress: Progress, *, workers: int
) -> dict[str, Any]:
    """Writes everything but the manifest, and returns what it is to say of the text."""
    with contextlib.ExitStack() as stack:
        draft = stack.enter_context(_read(folder, files, config, progress, lines_are_paragraphs=False, workers=workers))
        if len(draft) < len(SPLITS) and min(draft.num_raw_paragraphs, default=0) < len(SPLITS):
            stack.close()
            progress.restart()
            draft = stack.enter_context(
                _read(folder, files, config, progress, lines_are_paragraphs=True, workers=workers)
            )
        progress.begin("looking for duplicates")
        duplicates = draft.duplicates.finish(draft.text, draft.identity)
        if duplicates.dropped:
            counts = ", ".join(f"{number} {what}" for what, number in duplicates.counts().items())
            log.info("%s: dropped what stands twice: %s; manifest.json lists them", config.source, counts)
        division = divide(draft, duplicates, config)
        require_no_leak(draft, duplicates, division)
        progress.begin("counting words")
        tokenizer = train_tokenizer(draft, division, config.tokenizer)
        tokenizer.save(folder / "tokenizer.json")
        progress.begin("writing ids")
        writer = SplitWriter(draft, division, tokenizer, eos=config.tokenizer.eos)
        written = {name: writer.write(name, folder) for name in SPLITS}
        counts_of_splits = {name: written[name].counts for name in SPLITS}
        _require_enough(counts_of_splits, config)
        describe(draft, division, written, tokenizer).save(folder)
        return {
            "vocabulary": tokenizer.vocab_size,
            "labels": list(draft.labels),
            "duplicates": _describe(duplicates),
            "splits": {name: asdict(counts) for name, counts in counts_of_splits.items()},
        }


def _read(
    folder: Path,
    files: Sequence[SourceFile],
    config: DataConfig,
    progress: Progress,
    *,
    lines_are_paragraphs: bool,
    workers: int,
) -> Draft:
    """Returns the draft of all documents; it is to be closed."""
    metered = [replace(file, on_read=progress.advance_bytes) for file in files]
    about: list[list[About]] = []  # of the batches that are being processed

    def texts(group: Sequence[Document]) -> list[str]:
        about.append([About(one.source, one.label, one.split, one.continues) for one in group])
        return [one.text for one in group]

    with contextlib.ExitStack() as stack:
        draft = stack.enter_context(Draft(folder, config))
        groups = map(texts, batches(read_files(metered, config), characters=BATCH_CHARACTERS))
        make = partial(Processor, config, lines_are_paragraphs=lines_are_paragraphs)
        with contextlib.closing(map_on_all_cores(make, groups, workers=workers)) as processed:
            for batch in processed:
                draft.add(about.pop(0), batch)
                progress.advance_words(int(batch.signatures.words.sum()))
        draft.finish()
        stack.pop_all()
    return draft


def _describe(duplicates: Duplicates) -> dict[str, Any]:
    listed = duplicates.dropped[:MAX_LISTED]
    return {
        "counts": duplicates.counts(),
        "total": len(duplicates.dropped),
        "listed": len(listed),
        "dropped": [asdict(item) for item in listed],
    }


def _require_enough(counts: dict[str, TextCounts], config: DataConfig) -> None:
    held_out = (max(config.eval_streams, config.report_streams), "data.eval_streams or data.report_streams")
    needed = {
        "train": (config.batch_size * config.window_tokens, "data.batch_size or data.window_tokens"),
        "validation": held_out,
        "test": held_out,
    }
    for name, (tokens, remedy) in needed.items():
        if counts[name].tokens < tokens:
            raise InputError(
                f"{config.source}: the {name} split has {counts[name].tokens} tokens, "
                f"at least {tokens} are needed; give more text or lower {remedy}"
            )


def _load(folder: Path) -> Corpus:
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
