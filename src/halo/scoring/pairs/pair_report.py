"""Minimal pairs in the terminal: accuracy in total and by paradigm, and the comparison of several models."""

import math
from collections.abc import Mapping, Sequence

from halo.evaluation.bootstrap import Interval
from halo.reports.console import table
from halo.scoring.comparison.statistics import show_p_value
from halo.scoring.pairs.accuracy import Accuracy, PairAccuracy
from halo.scoring.pairs.comparison import PairComparison

MANY_UNKNOWN = 0.5
"""Share of items with unknown words above which a warning says that accuracy tells little."""


def accuracy_tables(name: str, accuracy: PairAccuracy) -> str:
    """Returns the table of a model's accuracy in total, and the one by paradigm if there are several.

    Args:
        name: The model, for the title.
        accuracy: Its accuracy.
    """
    tables = [_total_table(name, accuracy)]
    if len(accuracy.paradigms) > 1:
        tables.append(_paradigm_table(accuracy))
    return "\n\n".join(tables)


def _total_table(name: str, accuracy: PairAccuracy) -> str:
    overall, known = accuracy.overall, accuracy.known
    columns = (overall.model, overall.kneser_ney, overall.unigram)
    empty = ["", ""]
    rows = [
        ["mean over items", *map(_share, columns)],
        ["  95% interval (Wilson)", *(_interval(each.interval) for each in columns)],
        ["  ties, counted as half", *(_of(each.ties, each.items) for each in columns)],
    ]
    if len(accuracy.paradigms) > 1:
        means = [accuracy.paradigm_mean(each) for each in ("model", "kneser_ney", "unigram")]
        intervals = [accuracy.paradigm_interval(each) for each in ("model", "kneser_ney", "unigram")]
        rows += [
            ["mean over paradigms", *map(percent, means)],
            ["  95% interval (bootstrap over paradigms)", *map(_interval, intervals)],
        ]
    rows.append(["items with an unknown word", percent(overall.unknown_share), *empty])
    if overall.unknown_share > 0 and known is not None:
        rows.append(["accuracy without these", *map(_share, (known.model, known.kneser_ney, known.unigram))])
    rows += [
        ["items whose sentences have the same ids", _of(accuracy.same, overall.model.items), *empty],
        ["accuracy by mean surprisal per token", _share(accuracy.per_token), *empty],
    ]
    number = (
        f"{overall.model.items:,} items of {len(accuracy.paradigms):,} paradigm{'s' * (len(accuracy.paradigms) > 1)}"
    )
    title = f"Model: {name}\nMinimal pairs, {number}: acceptable sentence more probable, in %"
    if accuracy.unscored:
        title += f"\n{accuracy.unscored:,} items are left out: a sentence has no score (oov=na, or no words)"
    if overall.unknown_share > MANY_UNKNOWN:
        title += "\nMost items have a word that the model does not know: its accuracy on them says little"
    return table(title, ["", "model", "5-gram", "unigram"], rows)


def _paradigm_table(accuracy: PairAccuracy) -> str:
    rows = [
        [
            name,
            f"{each.model.items:,}",
            _share(each.model),
            _interval(each.model.interval),
            _share(each.kneser_ney),
            _share(each.unigram),
        ]
        for name, each in accuracy.paradigms.items()
    ]
    title = "By paradigm, with Wilson intervals"
    return table(title, ["paradigm", "items", "model", "95% interval", "5-gram", "unigram"], rows)


def comparison_tables(accuracies: Mapping[str, PairAccuracy], comparisons: Sequence[PairComparison]) -> str:
    """Returns the tables of the accuracy of several models on the same pairs, and of their differences.

    Args:
        accuracies: The accuracy of each model, by its name.
        comparisons: The differences of the other models from the first one.
    """
    rows = [
        [
            name,
            _share(each.overall.model),
            _interval(each.overall.model.interval),
            percent(each.paradigm_mean()),
            percent(each.overall.unknown_share),
        ]
        for name, each in accuracies.items()
    ]
    header = ["model", "accuracy", "95% interval (Wilson)", "mean over paradigms", "items with an unknown word"]
    models = table("Minimal pairs under several models: accuracy in %, mean over items", header, rows)
    rows = [
        [
            each.name,
            f"{each.items:,}",
            f"{100 * each.difference:+.1f}",
            _interval(each.interval, sign=True),
            f"{each.only_other:,}",
            f"{each.only_first:,}",
            show_p_value(each.p_value),
        ]
        for each in comparisons
    ]
    title = (
        "Differences from the first model on the same items, in percentage points\n"
        "Interval: bootstrap over items. p: exact McNemar test of the items that only one\n"
        "of the two models gets right; ties are neither"
    )
    header = ["model", "items", "difference", "95% interval", "right alone", "wrong alone", "p"]
    return f"{models}\n\n{table(title, header, rows)}"


def percent(share: float) -> str:
    """Returns a share in percent, without the sign: `-` if there is none.

    >>> percent(0.6194), percent(math.nan)
    ('61.9', '-')
    """
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def _share(accuracy: Accuracy) -> str:
    return percent(accuracy.share)


def _interval(bounds: Interval | None, *, sign: bool = False) -> str:
    if bounds is None:
        return "-"
    return " to ".join(f"{100 * bound:+.1f}" if sign else percent(bound) for bound in bounds)


def _of(number: int, total: int) -> str:
    return f"{number:,}" if number == 0 or total == 0 else f"{number:,} ({100 * number / total:.1f}%)"
