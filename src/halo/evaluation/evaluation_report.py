"""The reports of `halo.evaluate`: on the model's own splits, on another text, or on the surprisal of each word."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from halo.bundle.loading import Bundle
from halo.bundle.validation import read_metrics
from halo.config import SPLITS, DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.corpus.genomes.preparation import read_regions
from halo.corpus.prepare import find_prepared, prepare
from halo.corpus.sources.discovery import FoundFiles, find_files, is_file
from halo.corpus.sources.documents import Document, read_files
from halo.corpus.sources.file_kinds import KINDS, RECORD_KINDS, SEQUENCE_KINDS
from halo.corpus.sources.lines import ReadLog
from halo.corpus.sources.records import MissingFieldError
from halo.corpus.text_counts import count_text
from halo.evaluation.text_metrics import TextMetrics, compute_metrics, evaluate_split, unit_of
from halo.evaluation.text_scores import surprisal_bits, text_nll, windows_to_score
from halo.evaluation.tokenized_text import TokenizedText
from halo.generation.prompts import encode_prompt
from halo.reports.console import breakdown_table, metrics_table, table
from halo.runtime.errors import InputError, printable
from halo.runtime.hydra_quoting import argument

MAX_VERDICT_CHARACTERS = 600
"""A verdict of this program is shorter; a saved model may come from anybody."""
TOKENS_PER_STREAM = 50_000
"""A long text is read in one stream for each 50,000 tokens, so that starting each without context costs little."""
MAX_STREAMS = 64
MAX_BAR = 40
"""Longest bar in the table of surprisals, one character per bit; surprisal has no upper limit."""


class Report(NamedTuple):
    """The result of an evaluation.

    Attributes:
        text: Tables for the terminal.
        metrics: Plain data for metrics.json.
    """

    text: str
    metrics: dict[str, Any]


def training_corpus(bundle: Bundle, *, cache_dir: str) -> Corpus:
    """Returns the corpus that a model was trained on.

    Local files that the saved configuration names are read from this machine. A URL in it is only fetched for a run
    folder, which is the user's own; a bundle may come from anybody.

    Args:
        bundle: The model.
        cache_dir: Folder of prepared corpora; the corpus is prepared there if necessary.

    Raises:
        InputError: The text is missing or has changed, or a bundle names a URL.
    """
    config = _corpus_config(bundle, cache_dir)
    corpus = prepare(config)
    _require_same_vocabulary(bundle, corpus)
    return corpus


def find_training_corpus(bundle: Bundle, *, cache_dir: str) -> Corpus | None:
    """Returns the corpus that a model was trained on if it is prepared already; None if not.

    Args:
        bundle: The model.
        cache_dir: Folder of prepared corpora.

    Raises:
        InputError: As `training_corpus`.
    """
    corpus = find_prepared(_corpus_config(bundle, cache_dir))
    if corpus is not None:
        _require_same_vocabulary(bundle, corpus)
    return corpus


def _corpus_config(bundle: Bundle, cache_dir: str) -> DataConfig:
    # A cluster that a saved model names is never connected to.
    config = replace(bundle.config.data, cache_dir=cache_dir, engine="local", ray_address=None)
    if bundle.is_bundle and config.urls():
        raise InputError(
            f"{bundle.folder / 'config.yaml'}: {config.source} is a URL, and the URL of a bundle is never fetched; "
            "use path=URL to evaluate the model on it, or run=FOLDER with the training run"
        )
    return config


def _require_same_vocabulary(bundle: Bundle, corpus: Corpus) -> None:
    if corpus.tokenizer.vocabulary() != bundle.tokenizer.vocabulary():
        raise InputError(
            f"{bundle.config.data.source}: the text has changed since this model was trained on it; "
            "use path=FILE to evaluate the model on another text"
        )


def report_splits(bundle: Bundle, corpus: Corpus, split: str) -> Report:
    """Returns the metrics of a model on splits of its own corpus.

    Args:
        bundle: The model.
        corpus: The corpus it was trained on.
        split: `train`, `validation`, `test`, or `all` for all three.

    Raises:
        InputError: The model's predictions are not finite, or the metrics.json beside it is damaged.
    """
    config, verdict = bundle.config.data, _saved_verdict(bundle)
    names = SPLITS if split == "all" else (split,)
    metrics = {name: evaluate_split(bundle.model, corpus, name, config) for name in names}
    for each in metrics.values():
        require_finite(bundle, each.nll)
    tables = [f"Evaluated on {config.source}", *_tables(metrics)]
    if split == "all":
        gap = metrics["validation"].nll - metrics["train"].nll
        tables.append(f"Generalization gap (validation - train): {gap:.3f} nats/token{verdict}")
    return Report("\n\n".join(tables), {name: each.as_dict() for name, each in metrics.items()})


def _saved_verdict(bundle: Bundle) -> str:
    """Returns a line with the verdict of the training run, if its metrics.json is beside the model."""
    verdict = read_metrics(bundle.folder).get("verdict")
    return f"\nVerdict on training: {printable(verdict)[:MAX_VERDICT_CHARACTERS]}" if isinstance(verdict, str) else ""


def require_finite(bundle: Bundle, nll: float) -> None:
    """Raises `InputError` if a loss is infinite or NaN; finite weights can still overflow when multiplied."""
    if not math.isfinite(nll):
        raise InputError(f"{bundle.folder}: the model's predictions are not finite numbers; use another model")


def report_path(bundle: Bundle, path: str, config: DataConfig) -> Report:
    """Returns the metrics of a model on a text of the user's.

    Args:
        bundle: The model.
        path: A file, folder, glob pattern or URL.
        config: The settings of the model's text, with those changed that say how `path` is read.

    Raises:
        InputError: The text cannot be read or is too short, or the model's predictions are not finite.
    """
    kinds = KINDS if config.genome is None else SEQUENCE_KINDS
    found = find_files([path], key="path", kinds=kinds, extensions=config.extensions)
    found.log_ignored("path")
    read_log = ReadLog()
    by_itself = f"`halo score` with {argument('path', path)} scores each row by itself, word by word"
    try:
        documents = list(
            read_files(found.files, config, read_log) if config.genome is None else _regions(found, config)
        )
    except MissingFieldError as error:
        raise InputError(f"{error}; {by_itself}, and keeps the other columns") from error
    read_log.report()
    texts = [clean_document(document.text, config) for document in documents]
    ids, offsets = encode_documents(texts, bundle.tokenizer, config)
    if len(ids) < config.report_batch_size:
        raise InputError(
            f"path={path}: {len(ids)} tokens after cleaning; at least {config.report_batch_size} are needed"
        )
    names = list(dict.fromkeys(document.label for document in documents))
    labels = np.array([names.index(document.label) for document in documents], dtype=np.int64)
    batch_size = batch_size_for(len(ids), config)
    windows = windows_to_score(ids, eos_id=bundle.tokenizer.eos_id, batch_size=batch_size)
    nll_N = text_nll(bundle.model, windows)
    require_finite(bundle, float(nll_N.sum()))
    metrics = compute_metrics(
        nll_N,
        TokenizedText(ids, offsets, labels, names, count_text(texts, ids, bundle.tokenizer)),
        bundle.tokenizer,
        batch_size=batch_size,
        train_counts_V=None,
        unit=unit_of(config),
    )
    tables = _tables({path: metrics})
    if any(file.kind in RECORD_KINDS for file in found.files):
        tables.insert(0, f"{path}: {len(documents):,} rows are read one after another;\n{by_itself}")
    return Report("\n\n".join(tables), {path: metrics.as_dict()})


def _regions(found: FoundFiles, config: DataConfig) -> Iterator[Document]:
    """Yields the regions of sequence files as documents, whose labels are their records."""
    for region in read_regions(found.files, config):
        yield Document(f"{region.record}:{region.start + 1}", region.record, region.letters.tobytes().decode())


def batch_size_for(num_tokens: int, config: DataConfig) -> int:
    """Returns the number of parallel streams that a text of `num_tokens` tokens is read in."""
    return max(config.report_batch_size, min(MAX_STREAMS, num_tokens // TOKENS_PER_STREAM))


def report_surprisal(bundle: Bundle, text: str) -> Report:
    """Returns the surprisal of each token of a text, in bits.

    Raises:
        InputError: The text is the name of a file or has no known word, or the model's predictions are not finite.
    """
    if is_file(text):
        raise InputError(f"text={text}: is the name of a file; use path={text} to score the text in it")
    prompt_ids = encode_prompt(text, bundle.tokenizer, bundle.config.data.cleaning, key="text")
    ids = np.array(prompt_ids, dtype=np.uint32)
    bits = surprisal_bits(bundle.model, ids, eos_id=bundle.tokenizer.eos_id)
    require_finite(bundle, sum(bits))
    tokens = [bundle.tokenizer.token(int(token_id)) for token_id in ids]
    bars = ["#" * min(round(value), MAX_BAR) for value in bits]
    rows = [[printable(token), f"{value:.2f}", bar] for token, value, bar in zip(tokens, bits, bars, strict=True)]
    title = f"Surprisal in bits; mean {sum(bits) / len(bits):.2f} bits/token"
    shown = table(title, ["token", "bits", ""], rows, text_columns=(0, 2))
    return Report(shown, {"tokens": tokens, "surprisal_bits": bits})


def _tables(metrics: dict[str, TextMetrics]) -> list[str]:
    """Returns the table of all texts, and the loss breakdown of each; of the training split only if it is alone."""
    plain = {name: each.as_dict() for name, each in metrics.items()}
    held_out = {name: each for name, each in plain.items() if name != "train"} or plain
    return [metrics_table(plain), *(breakdown_table(name, each) for name, each in held_out.items())]
