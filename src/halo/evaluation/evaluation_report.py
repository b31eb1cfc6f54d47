"""What `halo.evaluate` reports of a model: its own splits, the user's text, or one sentence word by word."""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from halo.bundle.loading import Bundle
from halo.bundle.validation import read_metrics
from halo.config import SPLITS, DataConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.documents import read_files
from halo.corpus.split_writer import count_text, encode_documents
from halo.evaluation.quality import MeasuredText, Quality, measure, measure_split
from halo.evaluation.text_scores import surprisal_bits, text_nll, windows_to_score
from halo.generation.generator import encode_prompt
from halo.reports.console import breakdown_table, quality_table, table
from halo.runtime.errors import InputError, printable

MAX_CHARACTERS = 300  # of a verdict; its own have fewer
STREAM_TOKENS = 50_000
"""A text of the user's is read in a stream for each so many tokens; that each begins without context costs little."""
MAX_STREAMS = 64
LONGEST_BAR = 60  # for a bit each; what a model gives no chance can cost any number of bits


class Report(NamedTuple):
    """Figures to read and to keep.

    Attributes:
        table: For people.
        figures: Plain data.
    """

    table: str
    figures: dict[str, Any]


def own_corpus(opened: Bundle, *, cache_dir: str) -> Corpus:
    """Returns the corpus that a model was trained on.

    What a saved model's configuration names is read where it stands on this machine, and prepared where the user says.
    A URL in it is opened for a run folder alone, which is the user's own: a bundle may come from anybody.

    Args:
        opened: The model.
        cache_dir: Where the prepared corpus is looked for, else put.

    Raises:
        InputError: It is gone or has changed, or a bundle says that it is to be fetched.
    """
    config = replace(opened.config.data, cache_dir=cache_dir)
    if opened.is_bundle and config.urls():
        raise InputError(
            f"{opened.folder / 'config.yaml'}: its text, {config.source}, is not fetched on the word of a bundle; "
            "use path=URL to measure the model on it, or run=FOLDER of the training run"
        )
    corpus = prepare(config)
    if corpus.tokenizer.vocabulary() != opened.tokenizer.vocabulary():
        raise InputError(
            f"{config.source}: not the text that this model was trained on any more; "
            "use path=FILE to measure the model on another text"
        )
    return corpus


def report_splits(opened: Bundle, corpus: Corpus, split: str) -> Report:
    """Returns how well the model predicts `train`, `validation`, `test` or `all` splits of its own corpus.

    Raises:
        InputError: Its predictions are no numbers, or the figures beside it cannot be read.
    """
    config, verdict = opened.config.data, _verdict(opened)
    names = SPLITS if split == "all" else (split,)
    results = {name: measure_split(opened.model, corpus, name, config) for name in names}
    for result in results.values():
        require_finite(opened, result.nll)
    tables = [f"Measured on {config.source}", *_tables(results)]
    if split == "all":
        gap = results["validation"].nll - results["train"].nll
        tables.append(f"Gap between training and validation: {gap:.3f} nats/token{verdict}")
    return Report("\n\n".join(tables), {name: result.plain() for name, result in results.items()})


def _verdict(opened: Bundle) -> str:
    """Returns what training said of it, where its figures are beside the model."""
    said = read_metrics(opened.folder).get("verdict")
    return f"; in training: {printable(said)[:MAX_CHARACTERS]}" if isinstance(said, str) else ""


def require_finite(opened: Bundle, nll: float) -> None:
    """Raises `InputError` where what a model predicts is no number: weights can be finite, and their products not."""
    if not math.isfinite(nll):
        raise InputError(f"{opened.folder}: what the model predicts is no finite number; use another model")


def report_path(opened: Bundle, path: str) -> Report:
    """Returns how well the model predicts the user's text: a file, folder, glob or URL.

    Raises:
        InputError: It cannot be read, it is too short, or what the model predicts is no number.
    """
    config = replace(opened.config.data, label_field=None)  # the model's text had labels to divide by, this needs none
    files = find_files([path], key="path").files
    documents = list(read_files(files, config))
    texts = [clean(document.text, config.cleaning) for document in documents]
    ids, offsets = encode_documents(texts, opened.tokenizer, config)
    if len(ids) < config.report_batch_size:
        raise InputError(
            f"path={path}: {len(ids)} tokens after cleaning; at least {config.report_batch_size} are needed"
        )
    names = list(dict.fromkeys(document.label for document in documents))
    labels = np.array([names.index(document.label) for document in documents], dtype=np.int64)
    batch_size = batch_size_for(len(ids), config)
    windows = windows_to_score(ids, eos_id=opened.tokenizer.eos_id, batch_size=batch_size)
    nll_N = text_nll(opened.model, windows)
    require_finite(opened, float(nll_N.sum()))
    result = measure(
        nll_N,
        MeasuredText(ids, offsets, labels, names, count_text(texts, ids, opened.tokenizer)),
        opened.tokenizer,
        batch_size=batch_size,
        train_counts_V=None,
    )
    return Report("\n\n".join(_tables({path: result})), {path: result.plain()})


def batch_size_for(num_tokens: int, config: DataConfig) -> int:
    """Returns in how many parallel streams a text of the user's is read."""
    return max(config.report_batch_size, min(MAX_STREAMS, num_tokens // STREAM_TOKENS))


def report_text(opened: Bundle, text: str) -> Report:
    """Returns how surprising each token of a text is to the model, in bits.

    Raises:
        InputError: No word of it is known, or there is none, or what the model predicts is no number.
    """
    ids = np.array(encode_prompt(text, opened.tokenizer, opened.config.data.cleaning), dtype=np.uint32)
    bits = surprisal_bits(opened.model, ids, eos_id=opened.tokenizer.eos_id)
    require_finite(opened, sum(bits))
    words = [opened.tokenizer.token(int(token_id)) for token_id in ids]
    lengths = [min(round(value), LONGEST_BAR) for value in bits]
    bars = [("#" * length).ljust(max(lengths)) for length in lengths]
    rows = [[printable(word), f"{value:.2f}", bar] for word, value, bar in zip(words, bits, bars, strict=True)]
    title = f"Surprisal in bits: {sum(bits) / len(bits):.2f} a word on average"
    return Report(table(title, ["word", "bits", ""], rows), {"words": words, "bits": bits})


def _tables(results: dict[str, Quality]) -> list[str]:
    figures = {name: result.plain() for name, result in results.items()}
    held_out = {name: one for name, one in figures.items() if name != "train"} or figures
    return [quality_table(figures), *(breakdown_table(name, one) for name, one in held_out.items())]
