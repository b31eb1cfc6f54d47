"""Sentences about a comparison: which run is best and by how much, and what cannot be ranked."""

from collections.abc import Sequence

from halo.comparing.comparable_sets import MeasuredRun, text_differences, token_differences
from halo.comparing.comparison import MEASURES, Comparison, Difference, Measure, SplitDifference, Test
from halo.comparing.significance import MIN_DOCUMENTS

SIGNIFICANT = 0.05
REPORTED = "test"
"""The split whose differences are reported: nothing was chosen on it."""


def summary_lines(comparison: Comparison) -> list[str]:
    """Returns which run is best, by how much, and whether that is more than chance."""
    groups = comparison.groups
    if not groups:
        return ["No run has finished, so there is nothing to rank."]
    best = comparison.best
    if best is None:
        return ["The runs form several sets that cannot be ranked among each other; each is ranked by itself."]
    mean = best.spread[comparison.split].mean
    figure = "" if mean is None else f" ({comparison.split} {MEASURES[comparison.measure]} {mean:.4g})"
    lines = [f"Best: {best.label}{figure}."] if len(groups) > 1 else [f"Only one to rank: {best.label}{figure}."]
    if comparison.differences:
        shown = comparison.differences[0]
        lines.append(difference_sentence(shown, comparison))
    return lines


def difference_sentence(difference: Difference, comparison: Comparison) -> str:
    """Returns by how much a group is better or worse than the reference on test text, and whether that is chance."""
    group, reference = comparison.group(difference.group), comparison.group(difference.reference)
    found = difference.splits.get(REPORTED)
    if found is None:
        return f"{group.label} against {reference.label}: no figures on {REPORTED} text."
    how_much = amount(found, comparison.measure)
    return f"On {REPORTED} text {group.label} is {how_much} than {reference.label}: {chance(found)}."


def amount(found: SplitDifference, measure: Measure) -> str:
    """Returns a difference with its interval.

    >>> amount(SplitDifference(-0.018, Test(-0.027, -0.009, 0.001, 0.003, 15), None), "perplexity")
    'better by 1.8% (95% interval 0.9 to 2.7; p = 0.001, corrected 0.003)'
    """
    size = f"{abs(found.change):.1%}" if measure == "perplexity" else f"{abs(found.change):.4f} bits per character"
    how_much = f"{'better' if found.change < 0 else 'worse'} by {size}"
    if not float(size.partition(" ")[0].rstrip("%")):
        how_much = "no better and no worse"
    test = found.over_documents
    if test is None:
        return how_much
    return f"{how_much} ({_interval(test, found.change, measure)}; {p_values(test)})"


def _interval(test: Test, change: float, measure: Measure) -> str:
    if test.low is None or test.high is None:
        return f"no interval over {test.observations} documents"
    bounds = (-test.high, -test.low) if change < 0 else (test.low, test.high)
    low, high = (f"{100 * each:.1f}" if measure == "perplexity" else f"{each:.4f}" for each in bounds)
    return f"95% interval {low} to {high}"


def p_values(test: Test) -> str:
    """Returns the p-value, and the corrected one where it differs.

    >>> p_values(Test(None, None, 0.00001, 0.00001, 9)), p_values(Test(None, None, 0.02, 0.06, 9))
    ('p < 0.001', 'p = 0.020, corrected 0.060')
    """
    corrected = (
        "" if test.corrected_p_value == test.p_value else f", corrected {_p(test.corrected_p_value).lstrip('= ')}"
    )
    return f"p {_p(test.p_value)}{corrected}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def chance(found: SplitDifference) -> str:
    """Returns whether a difference is more than chance, over documents and over seeds."""
    documents, seeds = found.over_documents, found.over_seeds
    if documents is None:
        over = "not tested over documents"
    else:
        is_more = documents.corrected_p_value < SIGNIFICANT
        over = f"{'more than chance' if is_more else 'may be chance'} over {documents.observations} documents"
        over += " (few: the interval is rough)" if documents.observations < MIN_DOCUMENTS else ""
    if seeds is None:
        return f"{over}; another seed was not tried"
    over_seeds = "more than chance" if seeds.corrected_p_value < SIGNIFICANT else "may be chance"
    return f"{over}; {over_seeds} over {seeds.observations} seeds ({p_values(seeds)})"


def obstacle_lines(
    measured: Sequence[MeasuredRun], by_tokens: Sequence[Sequence[int]], by_text: Sequence[Sequence[int]]
) -> list[str]:
    """Returns what keeps the sets of runs apart, a line for each set after the first.

    Args:
        measured: The runs.
        by_tokens: The sets with the same tokens.
        by_text: The sets with the same cleaned text.
    """
    first = measured[by_tokens[0][0]]
    lines = []
    for indexes in by_tokens[1:]:
        other = measured[indexes[0]]
        found = "; ".join(token_differences(first, other))
        lines.append(f"Perplexities of {first.run.name} and {other.run.name} cannot be ranked; they differ in {found}")
    if len(by_text) < len(by_tokens):
        lines.append("Ranked by bits per character instead, of the same cleaned text, unknown words spelt")
    for indexes in by_text[1:] if len(by_text) < len(by_tokens) else []:
        other = measured[indexes[0]]
        found = "; ".join(text_differences(measured[by_text[0][0]], other))
        lines.append(f"Bits per character of {first.run.name} and {other.run.name} cannot be ranked either: {found}")
    if len(by_text) == len(by_tokens):
        lines.append("Bits per character cannot be ranked either, since the texts differ")
    return lines
