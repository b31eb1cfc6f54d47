"""What `halo.evaluate` reports of a model: its own splits, the user's text, or one sentence word by word."""

import json
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from halo.bundle import Bundle
from halo.errors import InputError
from halo.evaluation.quality import MeasuredText, Quality, measure, measure_split
from halo.evaluation.scoring import nats_of_tokens, surprisal_bits, windows_to_score
from halo.generation.generator import encode_prompt
from halo.reporting import breakdown_table, quality_table, table
from halo.text.cleaning import clean
from halo.text.corpus import Corpus, prepare
from halo.text.finding import find_files
from halo.text.numericalising import count_text, encode_documents
from halo.text.sources import read_files
from halo.text.splitting import SPLITS


class Report(NamedTuple):
    """Figures to read and to keep.

    Attributes:
        table: For people.
        figures: Plain data.
    """

    table: str
    figures: dict[str, Any]


def own_corpus(opened: Bundle) -> Corpus:
    """Returns the corpus that a model was trained on.

    Raises:
        InputError: It is gone or has changed.
    """
    config = opened.config.data
    corpus = prepare(config)
    if corpus.tokenizer.vocabulary() != opened.tokenizer.vocabulary():
        raise InputError(
            f"{config.source}: not the text that this model was trained on any more; "
            "use path=FILE to measure the model on another text"
        )
    return corpus


def report_splits(opened: Bundle, split: str) -> Report:
    """Returns how well the model predicts `train`, `validation`, `test` or `all` splits of its own corpus.

    Raises:
        InputError: Its corpus is gone or has changed.
    """
    corpus, config = own_corpus(opened), opened.config.data
    names = SPLITS if split == "all" else (split,)
    results = {name: measure_split(opened.model, corpus, name, config) for name in names}
    tables = [f"Measured on {config.source}", *_tables(results)]
    if split == "all":
        gap = results["validation"].nats_per_token - results["train"].nats_per_token
        tables.append(f"Gap between training and validation: {gap:.3f} nats/token{_verdict(opened)}")
    return Report("\n\n".join(tables), {name: result.plain() for name, result in results.items()})


def _verdict(opened: Bundle) -> str:
    """Returns what training said of it, where its figures are beside the model."""
    file = opened.folder / "metrics.json"
    said = json.loads(file.read_text(encoding="utf-8")).get("verdict") if file.is_file() else None
    return f"; in training: {said}" if isinstance(said, str) else ""


def report_path(opened: Bundle, path: str) -> Report:
    """Returns how well the model predicts the user's text: a file, folder, glob or URL.

    Raises:
        InputError: It cannot be read, or it is too short.
    """
    config = replace(opened.config.data, label_field=None)  # the model's text had labels to divide by, this needs none
    files = find_files([path], key="path").files
    documents = list(read_files(files, config))
    texts = [clean(document.text, config.cleaning) for document in documents]
    ids, offsets = encode_documents(texts, opened.tokenizer, config)
    if len(ids) < config.report_streams:
        raise InputError(f"path={path}: {len(ids)} tokens after cleaning; at least {config.report_streams} are needed")
    names = list(dict.fromkeys(document.label for document in documents))
    labels = np.array([names.index(document.label) for document in documents], dtype=np.int64)
    windows = windows_to_score(ids, end_id=opened.tokenizer.end_id, num_streams=config.report_streams)
    result = measure(
        nats_of_tokens(opened.model, windows),
        MeasuredText(ids, offsets, labels, names, count_text(texts, ids, opened.tokenizer)),
        opened.tokenizer,
        num_streams=config.report_streams,
        train_counts_V=None,
    )
    return Report("\n\n".join(_tables({path: result})), {path: result.plain()})


def report_text(opened: Bundle, text: str) -> Report:
    """Returns how surprising each token of a text is to the model, in bits.

    Raises:
        InputError: No word of it is known, or there is none.
    """
    ids = np.array(encode_prompt(text, opened.tokenizer, opened.config.data.cleaning), dtype=np.uint32)
    bits = surprisal_bits(opened.model, ids, end_id=opened.tokenizer.end_id)
    words = [opened.tokenizer.token(int(token_id)) for token_id in ids]
    longest = round(max(bits))
    rows = [
        [word, f"{value:.2f}", ("#" * round(value)).ljust(longest)] for word, value in zip(words, bits, strict=True)
    ]
    title = f"Surprisal in bits: {sum(bits) / len(bits):.2f} a word on average"
    return Report(table(title, ["word", "bits", ""], rows), {"words": words, "bits": bits})


def _tables(results: dict[str, Quality]) -> list[str]:
    figures = {name: result.plain() for name, result in results.items()}
    held_out = {name: one for name, one in figures.items() if name != "train"} or figures
    return [quality_table(figures), *(breakdown_table(name, one) for name, one in held_out.items())]
