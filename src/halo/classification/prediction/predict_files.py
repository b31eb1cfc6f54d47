"""Classifies the texts of a file and writes the rows: the core of `halo.predict`."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.prediction.agreement import Agreement, shown_label
from halo.classification.prediction.classifications import ClassifiedText, classify_texts
from halo.classification.prediction.prediction_rows import Layout, Row
from halo.classification.prediction.telling_words import listed, strongest, telling_words
from halo.classification.prediction.terminal import TerminalWriter
from halo.config import PredictConfig
from halo.corpus.sources.lines import ReadLog
from halo.corpus.sources.records import label_fields
from halo.runtime.errors import InputError, counted
from halo.scoring.files.items import Item, Items, chunks, open_texts, reading_config
from halo.scoring.files.writers import kept_names, open_writer

MAX_LISTED = 8
"""The number of labels that the last line counts, the most frequent first."""

log = logging.getLogger(__name__)


@dataclass
class Totals:
    """What was classified, added up.

    Attributes:
        texts: Number of texts.
        empty_texts: Number of those that are empty after cleaning.
        texts_without_known_word: Number of those of which the vocabulary has no word.
        unsure_texts: Number of those whose label is less probable than the threshold.
        labels: Number of texts that got each label.
    """

    texts: int = 0
    empty_texts: int = 0
    texts_without_known_word: int = 0
    unsure_texts: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, classified: ClassifiedText, layout: Layout) -> None:
        """Adds a text."""
        self.texts += 1
        if classified.found is None:
            self.empty_texts += 1
            return
        self.texts_without_known_word += not classified.has_known_word
        if layout.is_sure(classified.found):
            self.labels[classified.found.label] += 1
        else:
            self.unsure_texts += 1


def predict_files(
    classifier: ClassifierBundle, config: PredictConfig, *, print_text: Callable[[str], object], is_terminal: bool
) -> dict[str, Any]:
    """Classifies the texts that the settings name, writes the rows, and returns a summary as plain data.

    Args:
        classifier: The classifier.
        config: The settings.
        print_text: Prints lines on standard output.
        is_terminal: Whether standard output is a terminal, for which the rows are drawn as a table.

    Raises:
        InputError: The texts cannot be read or have no word, a column is missing, or the output cannot be written.
    """
    read_log, began = ReadLog(), time.perf_counter()
    items = open_texts(config, reading_config(classifier.config.data, config), read_log)
    layout = Layout(classifier.labels if config.probabilities else (), config.threshold or 0.0, config.explain)
    kept = kept_names(layout.columns, items.names)
    names = [*layout.columns, *kept.values()]
    predicting = _Predicting(classifier, layout, kept, Totals(), _agreement(classifier, config, items))
    terminal = TerminalWriter(print_text, explains=config.explain) if is_terminal else None
    with open_writer(
        config.output, names, layout.columns, tool="halo", print_text=print_text, terminal=terminal
    ) as writer:
        unwritten: list[Row] = []
        for chunk in chunks(items):
            unwritten += predicting.rows(chunk)
            if predicting.totals.texts > predicting.totals.empty_texts:  # of a file without a word nothing is written
                writer.write(unwritten)
                unwritten = []
        if unwritten:
            shown = f"path={config.path}" if config.text is None else f"text={config.text[:40]!r}"
            raise InputError(f"{shown}: contains no words; give some text")
    read_log.report()
    return _summary(predicting, config, time.perf_counter() - began)


def _agreement(classifier: ClassifierBundle, config: PredictConfig, items: Items) -> Agreement | None:
    """Returns what compares predictions with the column of the true label; None if there is none."""
    threshold = config.threshold or 0.0
    if config.label_field is None or config.text is not None:
        return None
    if config.label_field != "auto":
        if config.label_field not in items.names:
            listed = ", ".join(map(repr, items.names[:20])) or "none"
            raise InputError(
                f"label_field={config.label_field}: no such column in {items.name} (other columns: {listed}); "
                "name the column of the true label, or set label_field=null"
            )
        return Agreement(classifier.labels, config.label_field, threshold=threshold)
    found = [name for name in label_fields(classifier.config.data) if name in items.names]
    if not found:
        return None
    log.info("label_field=%s: the predictions are compared with this column, as in training", found[0])
    return Agreement(classifier.labels, found[0], threshold=threshold)


@dataclass(frozen=True)
class _Predicting:
    """Turns items into rows.

    Attributes:
        classifier: Classifies texts.
        layout: The columns and rows.
        kept: The name in the output of each other column of the input.
        totals: Receives what was classified.
        agreement: Receives what can be compared; None for nothing.
    """

    classifier: ClassifierBundle
    layout: Layout
    kept: dict[str, str]
    totals: Totals
    agreement: Agreement | None

    def rows(self, chunk: Sequence[Item]) -> Iterator[Row]:
        """Yields the row of each item."""
        classified = classify_texts(self.classifier, [item.text for item in chunk])
        for item, each in zip(chunk, classified, strict=True):
            self.totals.add(each, self.layout)
            if self.agreement is not None:
                self.agreement.add(item.columns[self.agreement.field], each.found)
            others = {name: item.columns[before] for before, name in self.kept.items()}
            words = self._telling_words(item.text, each) if self.layout.explains else ""
            yield {**self.layout.row(self.totals.texts, item, each.found, words), **others}

    def _telling_words(self, text: str, classified: ClassifiedText) -> str:
        if classified.found is None:
            return ""
        return listed(strongest(telling_words(self.classifier, text, classified.found.label)))


def _summary(predicting: _Predicting, config: PredictConfig, seconds: float) -> dict[str, Any]:
    """Logs what was classified in a few lines, and returns it as plain data."""
    totals = predicting.totals
    frequent = [f"{number:,} {shown_label(label)}" for label, number in totals.labels.most_common(MAX_LISTED)]
    others = len(totals.labels) - len(frequent)
    listed = ", ".join(frequent) + f", and {others} more labels" * (others > 0)
    log.info("%s: %s; %.1f s", counted(totals.texts, "text"), listed or "no label", seconds)
    if totals.empty_texts:
        log.info("%s empty after cleaning: without a label", counted(totals.empty_texts, "text"))
    if totals.texts_without_known_word:
        texts = counted(totals.texts_without_known_word, "text")
        log.warning("%s without a word that the classifier knows: labels are as of unknown words", texts)
    sure = totals.labels.total()
    coverage = sure / (totals.texts - totals.empty_texts)
    if config.threshold is not None:
        log.info("threshold=%g: %s with a label (%.1f%%)", config.threshold, counted(sure, "text"), 100 * coverage)
    return {
        **vars(totals),
        "labels": {label: totals.labels[label] for label in predicting.classifier.labels},
        "threshold": config.threshold,
        "coverage": coverage,
        "agreement": None if predicting.agreement is None else predicting.agreement.report(),
        "seconds": seconds,
    }
