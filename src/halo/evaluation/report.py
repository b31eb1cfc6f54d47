"""What `halo.evaluate` reports of a model: its own splits, the user's text, or one sentence word by word."""

from dataclasses import replace
from typing import Any, NamedTuple

from halo.bundle import Bundle
from halo.data.streams import StreamLoader
from halo.errors import InputError
from halo.evaluation.scoring import Score, score, score_split, surprisal_bits
from halo.generation.generator import encode_prompt
from halo.reporting import table
from halo.text.cleaning import clean
from halo.text.corpus import prepare
from halo.text.finding import find_files
from halo.text.numericalising import TextCounts, count_text, encode_documents
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


def report_splits(opened: Bundle, split: str) -> Report:
    """Returns how well the model predicts `train`, `validation`, `test` or `all` splits of its own corpus.

    Raises:
        InputError: Its corpus is gone or has changed.
    """
    config = opened.config.data
    corpus = prepare(config)
    if corpus.tokenizer.vocabulary() != opened.tokenizer.vocabulary():
        raise InputError(
            f"{config.source}: not the text that this model was trained on any more; "
            "use path=FILE to measure the model on another text"
        )
    names = SPLITS if split == "all" else (split,)
    results = {name: (score_split(opened.model, corpus, name, config), corpus.counts[name]) for name in names}
    return _report(f"Perplexity on {config.source}", results)


def report_path(opened: Bundle, path: str) -> Report:
    """Returns how well the model predicts the user's text: a file, folder, glob or URL.

    Raises:
        InputError: It cannot be read, or it is too short.
    """
    config = replace(opened.config.data, label_field=None)  # the model's text had labels to divide by, this needs none
    files = find_files([path], key="path").files
    texts = [clean(document.text, config.cleaning) for document in read_files(files, config)]
    ids = encode_documents(texts, opened.tokenizer, config)
    if len(ids) < config.eval_streams:
        raise InputError(f"path={path}: {len(ids)} tokens after cleaning; at least {config.eval_streams} are needed")
    windows = StreamLoader(
        ids,
        end_id=opened.tokenizer.end_id,
        num_streams=config.eval_streams,
        window_tokens=config.window_tokens,
    )
    result = (score(opened.model, windows), count_text(texts, ids, opened.tokenizer))
    return _report("Perplexity", {path: result})


def report_text(opened: Bundle, text: str) -> Report:
    """Returns how surprising each token of a text is to the model, in bits.

    Raises:
        InputError: No word of it is known, or there is none.
    """
    import numpy as np

    ids = np.array(encode_prompt(text, opened.tokenizer, opened.config.data.cleaning), dtype=np.uint32)
    bits = surprisal_bits(opened.model, ids, end_id=opened.tokenizer.end_id)
    words = [opened.tokenizer.token(int(token_id)) for token_id in ids]
    longest = round(max(bits))
    rows = [
        [word, f"{value:.2f}", ("#" * round(value)).ljust(longest)] for word, value in zip(words, bits, strict=True)
    ]
    title = f"Surprisal in bits: {sum(bits) / len(bits):.2f} a word on average"
    return Report(table(title, ["word", "bits", ""], rows), {"words": words, "bits": bits})


def _report(title: str, results: dict[str, tuple[Score, TextCounts]]) -> Report:
    header = ["text", "documents", "tokens", "out of vocabulary", "nats/token", "perplexity"]
    rows, figures = [], {}
    for name, (result, counts) in results.items():
        rate = counts.out_of_vocabulary_rate
        documents, tokens = f"{counts.documents:,}", f"{result.num_tokens:,}"
        rows.append(
            [name, documents, tokens, f"{rate:.2%}", f"{result.nats_per_token:.4f}", f"{result.perplexity:.2f}"]
        )
        figures[name] = {
            "perplexity": result.perplexity,
            "nats_per_token": result.nats_per_token,
            "tokens": result.num_tokens,
            "out_of_vocabulary_rate": rate,
        }
    return Report(table(title, header, rows), figures)
