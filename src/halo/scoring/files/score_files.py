"""Scores the texts of a file and writes the rows: the core of `halo.score`."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from halo.bundle.loading import Bundle
from halo.config import DataConfig, ScoreConfig
from halo.corpus.sources.discovery import is_file
from halo.corpus.sources.lines import ReadLog
from halo.evaluation.text_scores import perplexity
from halo.runtime.errors import InputError, counted
from halo.scoring.files.columns import LAYOUTS, Layout, Row, ScoredItem
from halo.scoring.files.items import AUTO, Item, Items, open_items, text_items
from halo.scoring.files.regions import BRACKETS, Region, parse_brackets, parse_regions, regions_of_spans
from halo.scoring.files.terminal import TerminalWriter
from halo.scoring.files.training_text import training_ngrams
from halo.scoring.files.writers import Writer, open_output, text_writer
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import LN_2, Scorer

TEXTS_PER_CHUNK = 4096
CHARACTERS_PER_CHUNK = 2**21
"""Texts are read, scored and written in chunks of one of these sizes, so that memory does not grow with the file."""
CONTEXTS = {
    "reset": "each text is read by itself, after <eos> (context=reset)",
    "running": "each text is read after all texts before it (context=running)",
}
PREFIX = "input_"
"""What is put before the name of a column of the input that an output column has too."""

log = logging.getLogger(__name__)


@dataclass
class Totals:
    """What was scored, added up.

    Attributes:
        texts: Number of texts.
        empty_texts: Number of those without words.
        words: Number of words.
        removed_words: Number of those that have no scores of their own.
        unknown_words: Number of those with a token outside the vocabulary.
        tokens: Number of tokens.
        bits: Surprisal of all tokens.
    """

    texts: int = 0
    empty_texts: int = 0
    words: int = 0
    removed_words: int = 0
    unknown_words: int = 0
    tokens: int = 0
    bits: float = 0.0

    def add(self, scored: ScoredText) -> None:
        """Adds a text."""
        self.texts += 1
        self.empty_texts += not scored.tokens
        self.words += len(scored.words)
        self.removed_words += sum(not word.num_tokens for word in scored.words)
        self.unknown_words += sum(not word.is_known for word in scored.words)
        self.tokens += len(scored.tokens)
        self.bits += scored.total_bits


def score_files(
    bundle: Bundle, config: ScoreConfig, *, print_text: Callable[[str], object], is_terminal: bool
) -> dict[str, Any]:
    """Scores the texts that the settings name, writes the rows, and returns a summary as plain data.

    Args:
        bundle: The model.
        config: The settings.
        print_text: Prints lines on standard output.
        is_terminal: Whether standard output is a terminal, for which scores are drawn as tables.

    Raises:
        InputError: The texts cannot be read or have no word, or the output cannot be written.
    """
    read_log = ReadLog()
    items = open_texts(config, reading_config(bundle, config), read_log)
    layout = _layout(config, items)
    kept = kept_names(layout.columns, items) if layout.keeps_columns else {}
    scorer = Scorer(
        bundle,
        context=config.context,
        oov=config.oov,
        with_distributions=config.format == "neural-complexity" or (layout.keeps_columns and config.unit != "text"),
        ngrams=training_ngrams(bundle, config) if layout.keeps_columns else None,
    )
    log.info("%s", CONTEXTS[config.context])
    totals, began = Totals(), time.perf_counter()
    scoring = _Scoring(config, scorer, layout, kept, totals)
    with _writer(config, layout, kept, print_text=print_text, is_terminal=is_terminal) as writer:
        unwritten: list[Row] = []
        for chunk in _chunks(items.rows):
            unwritten += scoring.rows(chunk)
            if totals.tokens:  # of a file without a word nothing is written
                writer.write(unwritten)
                unwritten = []
        if not totals.tokens:
            shown = f"path={config.path}" if config.text is None else f"text={config.text[:40]!r}"
            raise InputError(f"{shown}: contains no words; give some text")
    read_log.report()
    return _summary(totals, config, time.perf_counter() - began)


def open_texts(config: ScoreConfig, reading: DataConfig, read_log: ReadLog) -> Items:
    """Returns the texts to score."""
    if config.text is not None:
        if is_file(config.text):
            raise InputError(f"text={config.text}: is the name of a file; use path={config.text} to score its texts")
        return text_items(config.text)
    items = open_items(str(config.path), text_field=config.text_field, config=reading, read_log=read_log)
    if config.regions not in (None, BRACKETS, *items.names):
        listed = ", ".join(map(repr, items.names)) or "none"
        raise InputError(
            f"regions={config.regions}: no such column in {items.name} (other columns: {listed}); "
            "name a column with word spans such as 2-4,7, or brackets"
        )
    return items


def reading_config(bundle: Bundle, config: ScoreConfig) -> DataConfig:
    """Returns the settings with which the file of the texts is read: not those of the training text."""
    table = replace(bundle.config.data.table, **vars(config.data.table))
    field = "text" if config.text_field == AUTO else config.text_field
    encoding, errors = config.data.encoding, config.data.encoding_errors
    return replace(bundle.config.data, text_field=field, table=table, encoding=encoding, encoding_errors=errors)


def _layout(config: ScoreConfig, items: Items) -> Layout:
    """Returns the columns and rows of the output."""
    if config.format != "halo":
        if items.names:
            log.info("format=%s has no other columns: %s are left out", config.format, ", ".join(items.names))
        return LAYOUTS[config.format]
    layout = LAYOUTS[config.unit]
    if config.unit == "word" and config.regions is not None:
        return layout._replace(columns={**layout.columns, "region": str})
    return layout


def kept_names(columns: Mapping[str, type], items: Items) -> dict[str, str]:
    """Returns the name in the output of each other column of the input."""
    taken = {*columns, *items.names}
    kept = {}
    for name in items.names:
        kept[name] = name
        if name in columns:
            while kept[name] in taken:
                kept[name] = f"{PREFIX}{kept[name]}"
            taken.add(kept[name])
            log.info(
                "column %r of the input is %r in the output, where %r is a column of scores", name, kept[name], name
            )
    return kept


def _writer(
    config: ScoreConfig,
    layout: Layout,
    kept: dict[str, str],
    *,
    print_text: Callable[[str], object],
    is_terminal: bool,
) -> AbstractContextManager[Writer]:
    names = [*layout.columns, *kept.values()]
    if config.output not in (None, "-"):
        return open_output(str(config.output), names, layout.columns, tool=config.format)
    if is_terminal and config.output is None and layout.keeps_columns:
        return nullcontext(TerminalWriter(names, print_text))
    return nullcontext(text_writer(names, print_text, tool=config.format, ending=""))


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Yields the items in lists of limited size."""
    chunk: list[Item] = []
    characters = 0
    for item in items:
        chunk.append(item)
        characters += len(item.text)
        if len(chunk) == TEXTS_PER_CHUNK or characters > CHARACTERS_PER_CHUNK:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


@dataclass(frozen=True)
class _Scoring:
    """Turns items into rows.

    Attributes:
        config: The settings.
        scorer: Scores texts.
        layout: The columns and rows.
        kept: The name in the output of each other column of the input.
        totals: Receives what was scored.
    """

    config: ScoreConfig
    scorer: Scorer
    layout: Layout
    kept: dict[str, str]
    totals: Totals

    def rows(self, chunk: Sequence[Item]) -> Iterator[Row]:
        """Yields the rows of some items."""
        spans: list[list[tuple[int, int]]] = []
        if self.config.regions == BRACKETS:
            marked = [parse_brackets(item.text, item.location) for item in chunk]
            chunk = [item._replace(text=each.text) for item, each in zip(chunk, marked, strict=True)]
            spans = [each.spans for each in marked]
        scores = self.scorer.score([item.text for item in chunk])
        for item, scored, own in itertools.zip_longest(chunk, scores, spans):
            self.totals.add(scored)
            item_scores = ScoredItem(self.totals.texts, item, scored, self._regions(item, scored, own))
            others = {name: item.columns[before] for before, name in self.kept.items()}
            for row in self.layout.rows(item_scores):
                yield {**row, **others}

    def _regions(self, item: Item, scored: ScoredText, spans: list[tuple[int, int]] | None) -> Sequence[Region]:
        column, num_words = self.config.regions, len(scored.words)
        if column is None:
            return ()
        if spans is not None:
            return regions_of_spans(spans, [(word.start, word.end) for word in scored.words])
        return parse_regions(item.columns[column], num_words=num_words, column=column, location=item.location)


def _summary(totals: Totals, config: ScoreConfig, seconds: float) -> dict[str, Any]:
    """Logs what was scored in a few lines, and returns it as plain data."""
    bits_per_token = totals.bits / totals.tokens
    sizes = ", ".join(map(counted, (totals.texts, totals.words, totals.tokens), ("text", "word", "token")))
    nll = bits_per_token * LN_2
    log.info("%s: %.2f bits per token, perplexity %.1f; %.1f s", sizes, bits_per_token, perplexity(nll), seconds)
    if totals.unknown_words:
        share = totals.unknown_words / totals.words
        words = counted(totals.unknown_words, "word")
        log.info("%s (%.1f%%) with a part outside the vocabulary (oov=%s)", words, 100 * share, config.oov)
    if totals.removed_words:
        words = counted(totals.removed_words, "word")
        log.info("%s without own scores: removed by cleaning, or joined with the word before", words)
    if totals.empty_texts:
        has_rows = config.format == "halo"
        rows = "the rows have empty values" if has_rows else f"format={config.format} has no rows for them"
        log.info("%s without a word to score; %s", counted(totals.empty_texts, "text"), rows)
    return {
        **vars(totals),
        "bits_per_token": bits_per_token,
        "perplexity": perplexity(nll),
        "context": config.context,
        "oov": config.oov,
        "seconds": seconds,
    }
