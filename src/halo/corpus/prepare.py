"""A text -> a folder of ids, made once for each content and setting.

The folder `cache_dir/FINGERPRINT` holds for each split `SPLIT.npy` (token ids, uint16 or uint32, read memory-mapped),
`SPLIT.offsets.npy` (where its documents begin) and `SPLIT.labels.npy` (numbers of their labels), and `tokenizer.json`,
`manifest.json` and `statistics.json`. The fingerprint is a hash of the files, the settings, `PREPARE_VERSION`, and the
versions of the libraries and of the Unicode tables that turn the one into the other: a text that changed never meets
its old ids.

    files --read--> documents --Processor, on all cores--> Draft --duplicates--> Division --SplitWriter--> ids

The text streams through: what is in memory at a time are some megabytes of it, a few dozen bytes for each document, and
the different tokens.
"""

import contextlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from halo.config import SPLITS, DataConfig
from halo.corpus.corpus import Corpus, load_corpus
from halo.corpus.corpus_statistics import describe
from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.fingerprint import fingerprint, settings_of, versions
from halo.corpus.sources.documents import Document, find_sources, read_files
from halo.corpus.sources.files import SourceFile, SourceFingerprint, fingerprint_sources
from halo.corpus.split_writer import SplitWriter, TextCounts, train_tokenizer
from halo.corpus.splits.division import divide, require_no_leak
from halo.corpus.store.document_batches import BatchTokenizer
from halo.corpus.store.token_store import About, TokenStore, batches
from halo.runtime.errors import InputError
from halo.runtime.locks import cache_exists, cache_lock, remove_leftovers, unwritable
from halo.runtime.process_pool import MAX_WORKERS, map_on_all_cores, num_cores
from halo.runtime.progress import Progress

MAX_LISTED = 10_000  # duplicates in manifest.json, which is read whole; the counts there are of all
BATCH_CHARACTERS = 2**20
INLINE_BYTES = 2**22  # less text than this is prepared sooner than other processes have started
log = logging.getLogger(__name__)


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
    if cache_exists(folder):
        remove_leftovers(folder.parent)
    else:
        with cache_lock(folder) as unfinished:
            if not cache_exists(folder):
                _make(folder, unfinished, files, marks=marks, sources=sources, config=config)
    corpus = load_corpus(folder)
    _require_enough(corpus.counts, config)
    return corpus


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
                "format": 4,
                "source": config.source,
                "files": [source._asdict() for source in sources],
                "settings": settings_of(config),
                **_write(unfinished, files, config, progress, workers=_num_workers(size)),
                "versions": {"semblance-halo": version("semblance-halo"), **versions()},
            }
        for file, mark in zip(files, marks, strict=True):
            if file.mark() != mark:
                raise InputError(f"{file.name}: changed while it was read; run again when nothing writes to it")
        (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(folder)
        progress.log_summary()
    except OSError as error:
        raise unwritable(folder, error) from error


def _num_workers(size_bytes: int) -> int:
    return 1 if size_bytes < INLINE_BYTES else min(num_cores(), MAX_WORKERS)


def _write(
    folder: Path, files: Sequence[SourceFile], config: DataConfig, progress: Progress, *, workers: int
) -> dict[str, Any]:
    """Writes everything but the manifest, and returns what it is to say of the text."""
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(_read(folder, files, config, progress, lines_are_paragraphs=False, workers=workers))
        if len(store) < len(SPLITS) and min(store.num_raw_paragraphs, default=0) < len(SPLITS):
            stack.close()
            progress.restart()
            store = stack.enter_context(
                _read(folder, files, config, progress, lines_are_paragraphs=True, workers=workers)
            )
        progress.begin("looking for duplicates")
        duplicates = store.duplicates.finish(store.text, store.identity)
        if duplicates.dropped:
            counts = ", ".join(f"{number} {what}" for what, number in duplicates.counts().items())
            log.info("%s: dropped what stands twice: %s; manifest.json lists them", config.source, counts)
        division = divide(store, duplicates, config)
        require_no_leak(store, duplicates, division)
        progress.begin("counting words")
        tokenizer = train_tokenizer(store, division, config.tokenizer)
        tokenizer.save(folder / "tokenizer.json")
        progress.begin("writing ids")
        writer = SplitWriter(store, division, tokenizer, eos=config.tokenizer.eos)
        written = {name: writer.write(name, folder) for name in SPLITS}
        counts_of_splits = {name: written[name].counts for name in SPLITS}
        _require_enough(counts_of_splits, config)
        describe(store, division, written, tokenizer).save(folder)
        return {
            "vocabulary": tokenizer.vocab_size,
            "labels": list(store.labels),
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
) -> TokenStore:
    """Returns the draft of all documents; it is to be closed."""
    metered = [replace(file, on_read=progress.advance_bytes) for file in files]
    about: list[list[About]] = []  # of the batches that are being processed

    def texts(group: Sequence[Document]) -> list[str]:
        about.append([About(one.source, one.label, one.split, one.continues) for one in group])
        return [one.text for one in group]

    with contextlib.ExitStack() as stack:
        store = stack.enter_context(TokenStore(folder, config))
        groups = map(texts, batches(read_files(metered, config), characters=BATCH_CHARACTERS))
        make = partial(BatchTokenizer, config, lines_are_paragraphs=lines_are_paragraphs)
        with contextlib.closing(map_on_all_cores(make, groups, workers=workers)) as processed:
            for batch in processed:
                store.add(about.pop(0), batch)
                progress.advance_words(int(batch.signatures.words.sum()))
        store.finish()
        stack.pop_all()
    return store


def _describe(duplicates: Duplicates) -> dict[str, Any]:
    listed = duplicates.dropped[:MAX_LISTED]
    return {
        "counts": duplicates.counts(),
        "total": len(duplicates.dropped),
        "listed": len(listed),
        "dropped": [asdict(item) for item in listed],
    }


def _require_enough(counts: dict[str, TextCounts], config: DataConfig) -> None:
    held_out = (max(config.eval_batch_size, config.report_batch_size), "data.eval_batch_size or data.report_batch_size")
    needed = {
        "train": (config.batch_size * config.sequence_length, "data.batch_size or data.sequence_length"),
        "validation": held_out,
        "test": held_out,
    }
    for name, (tokens, remedy) in needed.items():
        if counts[name].tokens < tokens:
            raise InputError(
                f"{config.source}: the {name} split has {counts[name].tokens} tokens, "
                f"at least {tokens} are needed; give more text or lower {remedy}"
            )
