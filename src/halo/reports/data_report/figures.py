"""The figures of a prepared corpus, for the data report and for TensorBoard; drawn without pyplot or a display."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.store.statistics_file import CorpusStatistics
from halo.reports.data_report import canvas
from halo.reports.data_report.canvas import COLOURS, DASHES, MARKERS
from halo.reports.data_report.wording import TOKEN_NOUNS, UNITS, label_name, largest_labels, printed_token

MAX_WORDS = 20


def draw_figures(corpus: Corpus) -> dict[str, Figure]:
    """Returns all figures of the report by name."""
    statistics, kind = corpus.statistics, corpus.tokenizer.kind
    kept = corpus.tokenizer.vocab_size - 2  # without <unk> and <eos>
    return {
        "document_lengths": draw_document_lengths(corpus.offsets),
        "zipf": draw_zipf(statistics, kind=kind, kept=kept),
        **({} if corpus.is_private else {"frequent": draw_frequent(statistics.frequent, kind=kind)}),
        "coverage": draw_coverage(corpus, kept=kept),
        "out_of_vocabulary": draw_out_of_vocabulary(corpus),
        "cleaning": draw_cleaning(statistics.cleaning),
    }


def draw_document_lengths(offsets: Mapping[str, npt.NDArray[np.int64]]) -> Figure:
    """Returns a histogram of the document lengths of each split."""
    panels = canvas.stacked_axes("Document length", "tokens per document", "share of the documents", panels=len(SPLITS))
    lengths = {split: np.maximum(np.diff(offsets[split]), 1) for split in SPLITS}
    counted = np.concatenate(list(lengths.values()))
    if not len(counted):
        canvas.add_message(panels[1], "no documents")
        return canvas.figure_of(panels[0])
    smallest, largest = int(counted.min()), int(counted.max())
    room = (largest - smallest) // 20 + 1
    canvas.count_axis(panels[0].xaxis, smallest, largest + room, start=max(smallest - room, 0))
    edges = _edges(smallest, largest, is_logarithmic=panels[0].get_xscale() == "log")
    shares = {split: np.histogram(each, edges)[0] / max(len(each), 1) for split, each in lengths.items()}
    highest = max(each.max() for each in shares.values())
    for axes, split in zip(panels, SPLITS, strict=True):
        axes.stairs(shares[split], edges, color=COLOURS[split], fill=True)
        _name_panel(axes, split, lengths[split])
        canvas.percent_axis(axes.yaxis, highest * 1.3)
    return canvas.figure_of(panels[0])


def _name_panel(axes: Axes, split: str, lengths: npt.NDArray[np.int64]) -> None:
    median = f", median {np.median(lengths):,.0f} tokens" if len(lengths) else ""
    noun = "document" if len(lengths) == 1 else "documents"
    name = f"{split}: {len(lengths):,} {noun}{median}"
    axes.text(0.01, 0.97, name, transform=axes.transAxes, va="top", color=COLOURS["ink"], fontsize=9)


def _edges(smallest: int, largest: int, *, is_logarithmic: bool) -> npt.NDArray[np.float64]:
    """Returns the edges of at most 20 bins; on a linear axis each bin spans the same whole number of lengths."""
    if is_logarithmic:
        return np.asarray(np.geomspace(smallest - 0.5, largest + 0.5, 21), dtype=np.float64)
    step = math.ceil((largest - smallest + 1) / 20)
    return np.arange(smallest, largest + step + 1, step, dtype=np.float64) - 0.5


def draw_zipf(statistics: CorpusStatistics, *, kind: str, kept: int) -> Figure:
    """Returns the frequency of the types of the training text by rank, beside Zipf's law.

    Args:
        statistics: Of the corpus.
        kind: Of the tokenizer.
        kept: Number of types in the vocabulary.
    """
    noun = TOKEN_NOUNS[kind]
    axes = canvas.new_axes(f"Frequency of {noun}", "rank by frequency", "occurrences in the training text")
    if not statistics.ranks:
        canvas.add_message(axes, "no tokens")
        return canvas.figure_of(axes)
    ranks, frequencies = np.array(statistics.ranks), np.array(statistics.frequencies)
    level = np.exp(np.log(ranks * frequencies).mean())
    canvas.log_axis(axes.xaxis, 1, statistics.types)
    canvas.log_axis(axes.yaxis, 1, frequencies[0])
    law = "Zipf's law: half as frequent at twice the rank"
    axes.plot(ranks, level / ranks, color=COLOURS["faint"], linestyle="--", linewidth=1.4, label=law)
    axes.plot(ranks, frequencies, "o-", color=COLOURS["train"], markersize=3, label="this text")
    _mark_vocabulary(axes, kept, statistics.types)
    canvas.add_legend(axes, "best")
    return canvas.figure_of(axes)


def _mark_vocabulary(axes: Axes, kept: int, types: int) -> None:
    if 1 <= kept < types:
        label = f"vocabulary: {kept:,} of {types:,}"
        axes.axvline(kept, color=COLOURS["ink"], linestyle=":", linewidth=1.3, label=label)


def draw_frequent(frequent: Sequence[tuple[str, int]], *, kind: str) -> Figure:
    """Returns the most frequent types of the training text; those that cannot be drawn are labelled by rank."""
    shown = frequent[:MAX_WORDS]
    names = [printed_token(token) for token, _ in shown]
    axes = canvas.row_axes(f"Most frequent {TOKEN_NOUNS[kind]}", "occurrences in the training text", names)
    if not shown:
        canvas.add_message(axes, "no tokens")
        return canvas.figure_of(axes)
    axes.barh(range(len(shown)), [count for _, count in shown], color=COLOURS["train"], height=0.7)
    canvas.count_axis(axes.xaxis, 0, shown[0][1])
    axes.grid(visible=False, axis="y")
    return canvas.figure_of(axes)


def draw_coverage(corpus: Corpus, *, kept: int) -> Figure:
    """Returns the share of each split's tokens that a vocabulary of the most frequent types covers, by its size."""
    statistics, noun = corpus.statistics, TOKEN_NOUNS[corpus.tokenizer.kind]
    axes = canvas.new_axes("Vocabulary coverage", f"vocabulary size: number of {noun}", "share of the tokens")
    if not statistics.ranks:
        canvas.add_message(axes, "no tokens")
        return canvas.figure_of(axes)
    canvas.log_axis(axes.xaxis, 1, statistics.types)
    canvas.percent_axis(axes.yaxis, 1)
    for split in SPLITS:
        known = f"{split}: {1 - corpus.counts[split].out_of_vocabulary_rate:.1%} known"
        covered = statistics.coverage[split]
        axes.plot(statistics.ranks, covered, color=COLOURS[split], linestyle=DASHES[split], linewidth=1.6, label=known)
    _mark_vocabulary(axes, kept, statistics.types)
    canvas.add_legend(axes, "upper left")
    return canvas.figure_of(axes)


def draw_out_of_vocabulary(corpus: Corpus) -> Figure:
    """Returns the share of unknown tokens in each split, over all documents and by label."""
    labels = corpus.statistics.labels
    largest = largest_labels(labels).shown
    names = ["all documents", *map(label_name, largest)]
    axes = canvas.row_axes("Unknown tokens", "share of tokens that are unknown", names)
    highest = 0.0
    for split in SPLITS:
        shares = [corpus.counts[split].out_of_vocabulary_rate]
        shares += [
            labels[split][each].out_of_vocabulary_rate if each in labels[split] else math.nan for each in largest
        ]
        highest = max(highest, *(share for share in shares if not math.isnan(share)))
        axes.plot(shares, range(len(shares)), MARKERS[split], color=COLOURS[split], markersize=6, label=split)
    canvas.percent_axis(axes.xaxis, highest)
    canvas.add_legend(axes, "lower right", above=True)
    return canvas.figure_of(axes)


def draw_cleaning(counts: Mapping[str, int]) -> Figure:
    """Returns how much each cleaning step changed, largest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    names = [f"{step}: {UNITS.get(step, '')}".rstrip(": ") for step, _ in ordered]
    axes = canvas.row_axes("Changes made by cleaning", "number, over all documents read", names)
    if not ordered:
        canvas.add_message(axes, "cleaning changed nothing")
        return canvas.figure_of(axes)
    numbers = [number for _, number in ordered]
    canvas.count_axis(axes.xaxis, 1, numbers[0], ticks=4)
    left, right = axes.get_xlim()
    axes.set_xticks([tick for tick in axes.get_xticks() if left <= tick <= right])
    axes.set_xlim(left, right * 1.2 if axes.get_xscale() == "linear" else right**1.4)  # room for the last number
    axes.hlines(range(len(numbers)), left, numbers, color=COLOURS["train"], linewidth=1.6)
    axes.plot(numbers, range(len(numbers)), "o", color=COLOURS["train"], markersize=6)
    for row, number in enumerate(numbers):
        axes.annotate(
            f"{number:,}", (number, row), (8, 0), textcoords="offset points", va="center", color=COLOURS["ink"]
        )
    axes.grid(visible=False, axis="y")
    return canvas.figure_of(axes)
