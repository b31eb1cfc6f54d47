"""Scores the texts of a file and writes the rows: the core of `halo.score`."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from halo.bundle.loading import Bundle
from halo.config import DataConfig, ScoreConfig
from halo.corpus.sources.lines import ReadLog
from halo.evaluation.text_scores import perplexity
from halo.runtime.errors import InputError, counted
from halo.scoring.files.columns import LAYOUTS, Layout, Row, ScoredItem
from halo.scoring.files.items import Item, Items, chunks, open_texts, reading_config
from halo.scoring.files.regions import BRACKETS, Region, parse_brackets, parse_regions, regions_of_spans
from halo.scoring.files.terminal import TerminalWriter
from halo.scoring.files.training_text import training_ngrams
from halo.scoring.files.writers import Writer, kept_names, open_writer
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import LN_2, Scorer

CONTEXTS = {
    "reset": "each text is read by itself, after <eos> (context=reset)",
    "running": "each text is read after all texts before it (context=running)",
}
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
    items = open_scored_texts(config, reading_config(bundle.config.data, config), read_log)
    layout = _layout(config, items)
    kept = kept_names(layout.columns, items.names) if layout.keeps_columns else {}
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
        for chunk in chunks(items):
            unwritten += scoring.rows(chunk)
            if totals.tokens:  # of a file without a word nothing is written
                writer.write(unwritten)
                unwritten = []
        if not totals.tokens:
            shown = f"path={config.path}" if config.text is None else f"text={config.text[:40]!r}"
            raise InputError(f"{shown}: contains no words; give some text")
    read_log.report()
    return _summary(totals, config, time.perf_counter() - began)


def open_scored_texts(config: ScoreConfig, reading: DataConfig, read_log: ReadLog) -> Items:
    """Returns the texts to score, whose columns are checked against the settings."""
    items = open_texts(config, reading, read_log)
    if config.text is None and config.regions not in (None, BRACKETS, *items.names):
        listed = ", ".join(map(repr, items.names)) or "none"
        raise InputError(
            f"regions={config.regions}: no such column in {items.name} (other columns: {listed}); "
            "name a column with word spans such as 2-4,7, or brackets"
        )
    return items


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


def _writer(
    config: ScoreConfig,
    layout: Layout,
    kept: dict[str, str],
    *,
    print_text: Callable[[str], object],
    is_terminal: bool,
) -> AbstractContextManager[Writer]:
    names = [*layout.columns, *kept.values()]
    terminal = TerminalWriter(names, print_text) if is_terminal and layout.keeps_columns else None
    return open_writer(
        config.output, names, layout.columns, tool=config.format, print_text=print_text, terminal=terminal
    )


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
