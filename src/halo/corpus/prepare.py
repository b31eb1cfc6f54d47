"""Preparation: text files -> a folder of token ids, made once for each content and set of settings.

The folder `cache_dir/FINGERPRINT` holds for each split `SPLIT.npy` (token ids, uint16 or uint32, read memory-mapped),
`SPLIT.offsets.npy` (where its documents begin) and `SPLIT.labels.npy` (numbers of their labels), and `tokenizer.json`,
`manifest.json`, `statistics.json` and `checksums.json`. The fingerprint is a hash of the files, the settings,
`PREPARE_VERSION`, and the versions of the libraries and Unicode tables involved: a text that has changed never gets its
old ids. `cache_dir` may be a URL, to which the folder is uploaded.

    files --plan_shards--> shards --Engine, on all cores or a cluster--> documents, cleaned and tokenized --> TokenStore
          --DuplicateFinder, plan_splits--> SplitPlan --train_tokenizer--> TextTokenizer --SplitWriter--> ids

The text is streamed: in memory at any time are some megabytes of it, a few dozen bytes for each document, and the
different tokens.
"""

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from halo.config import SPLITS, DataConfig
from halo.corpus.cache_folder import cache_exists, cache_lock, remove_leftovers, unwritable_error
from halo.corpus.corpus import Corpus, load_corpus, load_remote_corpus
from halo.corpus.corpus_statistics import compute_statistics
from halo.corpus.dedup.duplicates import Duplicates, count_by_kind
from halo.corpus.engines.engine import Engine, ReadingRecord
from halo.corpus.engines.local import LocalEngine
from halo.corpus.engines.shards import ScannedFile, Shard, plan_shards, scan_file
from halo.corpus.fingerprint import fingerprint, flat_settings, relevant_settings, versions
from halo.corpus.genomes.preparation import write_genome
from halo.corpus.remote.checksums import write_checksums
from halo.corpus.remote.remote_folder import is_url, remote_folder_exists, upload_folder
from halo.corpus.series.preparation import write_series
from halo.corpus.sources.documents import find_sources, require_text_of_splits
from halo.corpus.sources.files import fingerprint_sources
from halo.corpus.sources.lines import ReadLog
from halo.corpus.split_writer import SplitWriter
from halo.corpus.splits.leak_check import assert_no_leak
from halo.corpus.splits.paragraph_spans import ParagraphSpans
from halo.corpus.splits.split_plan import plan_splits
from halo.corpus.store.document_table import DocumentTable
from halo.corpus.store.line_ends import LineEndCounter
from halo.corpus.store.token_store import TokenStore
from halo.corpus.text_counts import TextCounts
from halo.corpus.text_size import require_enough_tokens, require_text
from halo.corpus.tokenizer_training import train_tokenizer
from halo.runtime.errors import InputError
from halo.runtime.progress import Progress

MAX_EXAMPLES = 100
MAX_LISTED = 10_000  # duplicates in manifest.json, which is read whole; its counts cover all of them


def prepare(config: DataConfig) -> Corpus:
    """Returns the prepared corpus for `config`, from the cache if it is there; otherwise prepares and caches it.

    If several processes request the same corpus at once, one prepares it and the others wait. Leftovers of killed
    processes are removed.

    Raises:
        InputError: The text cannot be read, or it is too small for the batches that the settings require.
    """
    if config.prepared is not None:
        return _open_prepared(config, config.prepared)
    files = find_sources(config)
    marks = [file.change_mark() for file in files]
    scanned = [scan_file(file, config) for file in files]
    name = fingerprint(files, [each.fingerprint for each in scanned], config)
    if is_url(config.cache_dir):
        corpus = _prepare_at_url(f"{config.cache_dir.rstrip('/')}/{name}", scanned, marks=marks, config=config)
    else:
        folder = Path(config.cache_dir) / name
        if cache_exists(folder):
            remove_leftovers(folder.parent)
        else:
            with cache_lock(folder) as unfinished:
                if not cache_exists(folder):
                    _make_folder(folder, unfinished, scanned, marks=marks, config=config)
        corpus = load_corpus(folder)
    require_enough_tokens(corpus.counts, config)
    return corpus


def _prepare_at_url(url: str, scanned: Sequence[ScannedFile], *, marks: Sequence[str], config: DataConfig) -> Corpus:
    """Returns the corpus at `url`; it is prepared in the temporary folder and uploaded if it is not there yet.

    Of several processes of one machine, one prepares it and the others wait.
    """
    setting = f"data.cache_dir={config.cache_dir}"
    if not remote_folder_exists(url, setting=setting):
        staging = hashlib.sha256(config.cache_dir.encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"halo-upload-{staging}" / url.rpartition("/")[2]
        with cache_lock(folder) as unfinished:
            if not remote_folder_exists(url, setting=setting):
                shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed while it uploaded
                try:
                    _make_folder(folder, unfinished, scanned, marks=marks, config=config)
                    upload_folder(folder, url, setting=setting)
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
    return load_remote_corpus(url, setting=setting)


def _open_prepared(config: DataConfig, location: str) -> Corpus:
    """Opens the corpus that `data.prepared` names.

    Raises:
        InputError: It cannot be read, or it was prepared with other settings than `config` has.
    """
    setting = f"data.prepared={location}"
    if is_url(location):
        corpus = load_remote_corpus(location, setting=setting)
    elif (Path(location) / "manifest.json").is_file():
        corpus = load_corpus(Path(location))
    else:
        raise InputError(f"{setting}: no prepared corpus; give a folder FINGERPRINT of a data.cache_dir, or its URL")
    found, own = flat_settings(corpus.manifest["settings"]), flat_settings(relevant_settings(config))
    for key in sorted(found.keys() | own.keys()):
        if found.get(key) != own.get(key):
            value = json.dumps(found.get(key), ensure_ascii=False).replace('"', "")
            raise InputError(
                f"{setting}: was prepared with data.{key}={value}, and now it is {own.get(key)}; give the settings "
                "that it was prepared with"
            )
    require_enough_tokens(corpus.counts, config)
    return corpus


def find_prepared(config: DataConfig) -> Corpus | None:
    """Returns the prepared corpus for `config` if it is in the cache; None if it would have to be prepared.

    Raises:
        InputError: The text cannot be read.
    """
    if config.prepared is not None:
        return _open_prepared(config, config.prepared)
    files = find_sources(config)
    name = fingerprint(files, fingerprint_sources(files), config)
    if is_url(config.cache_dir):
        url, setting = f"{config.cache_dir.rstrip('/')}/{name}", f"data.cache_dir={config.cache_dir}"
        return load_remote_corpus(url, setting=setting) if remote_folder_exists(url, setting=setting) else None
    folder = Path(config.cache_dir) / name
    return load_corpus(folder) if cache_exists(folder) else None


def _make_folder(
    folder: Path,
    unfinished: Path,
    scanned: Sequence[ScannedFile],
    *,
    marks: Sequence[str],
    config: DataConfig,
) -> None:
    """Writes the folder under a temporary name and renames it, so that it is either complete or absent."""
    size = sum(each.fingerprint.size_bytes for each in scanned)
    try:
        unfinished.mkdir()
        with Progress(size, unit="words" if config.genome is None else "bases") as progress:
            manifest = {
                "format": 4,
                "source": config.source,
                "files": [each.fingerprint._asdict() for each in scanned],
                "settings": relevant_settings(config),
                **_write_entries(unfinished, scanned, config, progress, size_bytes=size),
                "versions": {"semblance-halo": version("semblance-halo"), **versions()},
            }
        for each, mark in zip(scanned, marks, strict=True):
            if each.file.change_mark() != mark:
                raise InputError(
                    f"{each.file.name}: modified while it was being read; rerun when no other program writes to it"
                )
        (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
        write_checksums(unfinished)
        unfinished.rename(folder)
        if config.series is None:  # whose values are no words
            progress.log_summary()
    except OSError as error:
        raise unwritable_error(folder, error) from error


def _write_entries(
    folder: Path, scanned: Sequence[ScannedFile], config: DataConfig, progress: Progress, *, size_bytes: int
) -> dict[str, Any]:
    """Writes all files but the manifest as the kind of data requires, and returns the manifest's entries about it."""
    if config.genome is not None:
        entries = write_genome(folder, [each.file for each in scanned], config, progress)
        require_enough_tokens({name: TextCounts(**entries["splits"][name]) for name in SPLITS}, config)
        return entries
    if config.series is not None:
        entries = write_series(folder, [each.file for each in scanned], config)
        require_enough_tokens({name: TextCounts(**entries["splits"][name]) for name in SPLITS}, config)
        return entries
    with open_engine(config, size_bytes=size_bytes) as engine:
        return _write_files(folder, plan_shards(scanned), config, progress, engine=engine)


@contextlib.contextmanager
def open_engine(config: DataConfig, *, size_bytes: int) -> Iterator[Engine]:
    """Opens the engine that `config.engine` names.

    Raises:
        InputError: Ray is not installed, or the cluster cannot be used.
    """
    if config.engine == "local":
        yield LocalEngine(config, size_bytes=size_bytes)
        return
    from halo.corpus.engines.ray_cluster import ray_engine

    with ray_engine(config, versions) as engine:
        yield engine


def _write_files(
    folder: Path, shards: Sequence[Shard], config: DataConfig, progress: Progress, *, engine: Engine
) -> dict[str, Any]:
    """Writes all files but the manifest, and returns the entries of the manifest about the text."""
    line_ends, read_log = LineEndCounter(), ReadLog()
    read = partial(_read, folder, shards, config, progress, line_ends=line_ends, read_log=read_log, engine=engine)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(read(lines_are_paragraphs=False))
        fewest_paragraphs = min(store.documents.num_raw_paragraphs, default=0)
        if len(store) < len(SPLITS) and fewest_paragraphs < len(SPLITS):
            stack.close()
            progress.restart()
            line_ends.clear()
            read_log.clear()
            store = stack.enter_context(read(lines_are_paragraphs=True))
        read_log.report()
        require_text(store, config)
        progress.set_stage("looking for duplicates")
        duplicates = store.duplicate_finder.find(
            store.text,
            store.documents.identity,
            given_splits=store.documents.given_splits,
            cut_of=lambda document: ParagraphSpans(store, document).cuts(config.splits),
        )
        duplicates_entry = _duplicates_entry(duplicates, store.documents)
        plan = plan_splits(store, duplicates, config)
        assert_no_leak(store, duplicates, plan)
        progress.set_stage("counting words")
        any_placeholder = config.cleaning.has_further_placeholders
        tokenizer = train_tokenizer(store, plan, config.tokenizer, any_placeholder=any_placeholder)
        tokenizer.save(folder / "tokenizer.json")
        progress.set_stage("writing ids")
        writer = SplitWriter(store, plan, tokenizer, eos=config.tokenizer.eos)
        stats = {name: writer.write(name, folder) for name in SPLITS}
        counts_of_splits = {name: stats[name].counts for name in SPLITS}
        require_enough_tokens(counts_of_splits, config)
        compute_statistics(store, plan, stats, tokenizer).save(folder)
        return {
            "vocabulary": tokenizer.vocab_size,
            "labels": list(store.documents.labels),
            "duplicates": duplicates_entry,
            "line_ends": line_ends.as_dict(),
            "splits": {name: asdict(counts) for name, counts in counts_of_splits.items()},
        }


def _read(
    folder: Path,
    shards: Sequence[Shard],
    config: DataConfig,
    progress: Progress,
    *,
    line_ends: LineEndCounter,
    read_log: ReadLog,
    lines_are_paragraphs: bool,
    engine: Engine,
) -> TokenStore:
    """Returns an open store with all documents, cleaned and tokenized."""
    keeps_lines = config.tokenizer.eos == "line" or config.cleaning.line_ends == "eol"
    counts_line_ends = not (lines_are_paragraphs or keeps_lines)
    record = ReadingRecord(read_log, line_ends if counts_line_ends else None, progress.advance_bytes)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(TokenStore(folder, config))
        tokenized = engine.tokenize(shards, record, lines_are_paragraphs=lines_are_paragraphs)
        with contextlib.closing(tokenized) as batches:
            for batch in batches:
                store.add(batch.metadata, batch.tokenized)
                progress.advance_words(batch.tokenized.num_words)
        require_text_of_splits([part for shard in shards for part in shard], read_log)
        store.make_readable()
        stack.pop_all()
    return store


def _duplicates_entry(duplicates: Duplicates, documents: DocumentTable) -> dict[str, Any]:
    listed = duplicates.dropped[:MAX_LISTED]
    relabelled = [
        {"source": documents.source(dropped), "kept_source": documents.source(kept)}
        | {"label": documents.label(dropped), "kept_label": documents.label(kept)}
        for dropped, kept in sorted(duplicates.kept_documents.items())
        if documents.label(dropped) != documents.label(kept)
    ]
    splits = Counter(item.kept_split for item in duplicates.dropped if item.kept_split)
    return {
        "documents": duplicates.num_documents,
        "dropped_documents": len(duplicates.documents),
        "units": duplicates.num_units,
        "dropped_units": duplicates.num_dropped_units,
        "counts": count_by_kind(duplicates.dropped),
        "dropped_by_kept_split": {name: splits[name] for name in SPLITS if splits[name]},
        "example": duplicates.example,
        "total": len(duplicates.dropped),
        "listed": len(listed),
        "dropped": [asdict(item) for item in listed],
        "relabelled": len(relabelled),  # dropped documents whose label is not that of the document they repeat
        "relabelled_examples": relabelled[:MAX_EXAMPLES],
        "shared_counts": count_by_kind(duplicates.shared),
        "shared": [asdict(item) for item in duplicates.shared[:MAX_LISTED]],
    }
