"""The differences between groups of runs, over the documents of a split and over seeds.

Shape letters: D documents, K comparisons.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from halo.comparing import significance
from halo.comparing.comparable_sets import MeasuredRun
from halo.comparing.comparison import Difference, Measure, RunGroup, SplitDifference, Test
from halo.evaluation.document_scores import HELD_OUT, DocumentScores

Floats = npt.NDArray[np.float64]


def group_differences(
    groups: Sequence[RunGroup], runs: Sequence[MeasuredRun], *, measure: Measure, reference: str | None
) -> list[Difference]:
    """Returns the differences of all groups from the reference, or from the best group of their set.

    P-values are corrected for the number of all comparisons of their kind: over documents, and over seeds.

    Args:
        groups: The groups, set by set, best first.
        runs: The runs that the groups refer to.
        measure: What they are ranked by.
        reference: The key of the group that those of its set are compared with.
    """
    splits = {split: _of_split(groups, runs, split, measure=measure, reference=reference) for split in HELD_OUT}
    pairs = list(dict.fromkeys(pair for found in splits.values() for pair in found))
    return [
        Difference(
            group, other, {split: found[group, other] for split, found in splits.items() if (group, other) in found}
        )
        for group, other in pairs
    ]


def _of_split(
    groups: Sequence[RunGroup], runs: Sequence[MeasuredRun], split: str, *, measure: Measure, reference: str | None
) -> dict[tuple[str, str], SplitDifference]:
    found: dict[tuple[str, str], SplitDifference] = {}
    for number in dict.fromkeys(group.comparable for group in groups):
        members = [group for group in groups if group.comparable == number]
        base = next((group for group in members if group.key == reference), members[0])
        others = [group for group in members if group.key != base.key]
        over_documents = _over_documents(base, others, runs, split, measure)
        for group in others:
            means = [group.spread[split].mean, base.spread[split].mean]
            over_seeds = significance.welch_test(*(_values(each, runs, split, measure) for each in (group, base)))
            value = _mean(group, runs, split, measure) - _mean(base, runs, split, measure)
            if None not in means and math.isfinite(value):
                found[group.key, base.key] = SplitDifference(
                    _change(value, measure),
                    _test(
                        over_documents.get(group.key), measure, observations=_num_documents(runs[base.runs[0]], split)
                    ),
                    _test(over_seeds, measure, observations=len(group.runs) + len(base.runs)),
                )
    return _corrected(found)


def _over_documents(
    base: RunGroup, others: Sequence[RunGroup], runs: Sequence[MeasuredRun], split: str, measure: Measure
) -> Mapping[str, significance.Difference | None]:
    """Returns the paired differences of groups from another over the documents, by the keys of the groups."""
    first = _mean_scores(base, runs, split, measure)
    if first is None:
        return {}
    scored = {
        group.key: scores for group in others if (scores := _mean_scores(group, runs, split, measure)) is not None
    }
    if not scored:
        return {}
    differences_DK = np.stack([scores - first for scores in scored.values()], axis=1)
    sizes_D = _sizes(_scores(runs[base.runs[0]], split), measure)
    return dict(zip(scored, significance.paired_bootstrap(differences_DK, sizes_D), strict=True))


def _mean_scores(group: RunGroup, runs: Sequence[MeasuredRun], split: str, measure: Measure) -> Floats | None:
    """Returns the scores of the documents, as a mean over the runs of a group; None where a run lacks them."""
    members = [runs[index] for index in group.runs]
    if any(each.scores is None for each in members):
        return None
    scores = [_scores(each, split) for each in members]
    if measure == "bits_per_character" and any(each.texts is None for each in scores):
        return None
    mean: Floats = np.mean([_totals(each, measure) for each in scores], axis=0)
    return mean


def _scores(run: MeasuredRun, split: str) -> DocumentScores:
    assert run.scores is not None
    return run.scores[split]


def _totals(scores: DocumentScores, measure: Measure) -> Floats:
    """Returns the loss of each document: in nats, or in bits with those that spell its unknown words."""
    if measure == "perplexity":
        return scores.nll
    assert scores.texts is not None
    bits: Floats = (scores.nll + scores.texts.oov_cost) / math.log(2)
    return bits


def _sizes(scores: DocumentScores, measure: Measure) -> npt.NDArray[np.int64]:
    if measure == "perplexity":
        return scores.tokens
    assert scores.texts is not None
    return scores.texts.characters


def _num_documents(run: MeasuredRun, split: str) -> int:
    return run.figures.splits[split].documents


def _values(group: RunGroup, runs: Sequence[MeasuredRun], split: str, measure: Measure) -> list[float]:
    """Returns the figures whose differences are tested: nats per token, or bits per character."""
    results = [runs[index].figures.splits[split] for index in group.runs]
    values = [each.nll if measure == "perplexity" else each.bits_per_character for each in results]
    return [math.nan if value is None else value for value in values]


def _mean(group: RunGroup, runs: Sequence[MeasuredRun], split: str, measure: Measure) -> float:
    values = _values(group, runs, split, measure)
    return sum(values) / len(values)


def _change(value: float, measure: Measure) -> float:
    """Returns a difference as it is reported: of perplexities, the relative change that one in nats amounts to.

    >>> round(_change(0.02, "perplexity"), 4), _change(0.02, "bits_per_character")
    (0.0202, 0.02)
    """
    return math.expm1(min(value, 700.0)) if measure == "perplexity" else value


def _test(found: significance.Difference | None, measure: Measure, *, observations: int) -> Test | None:
    if found is None or not math.isfinite(found.value):
        return None
    low, high = (None if bound is None else _change(bound, measure) for bound in (found.low, found.high))
    return Test(low, high, found.p_value, found.p_value, observations)


def _corrected(found: Mapping[tuple[str, str], SplitDifference]) -> dict[tuple[str, str], SplitDifference]:
    """Returns differences with p-values corrected for their number, those over documents and over seeds apart."""
    corrected = dict(found)
    for kind in ("over_documents", "over_seeds"):
        tests = {pair: test for pair, each in found.items() if (test := getattr(each, kind)) is not None}
        values = significance.holm([test.p_value for test in tests.values()])
        for (pair, test), value in zip(tests.items(), values, strict=True):
            corrected[pair] = replace(corrected[pair], **{kind: replace(test, corrected_p_value=value)})
    return corrected
