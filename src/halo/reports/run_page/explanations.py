"""What the figures of a run mean, in plain English."""

import re
from typing import NamedTuple

from halo.reports.console import number
from halo.reports.run_page.analysis.calibration import Calibration
from halo.reports.run_page.run_metrics import RunMetrics, SplitFigures

MEANINGS = {
    "overfitting": "The model went on learning its training text by heart while it got worse at text that it had not "
    "seen. The weights of the best validation are the ones that are measured and saved.",
    "underfitting": "The model has not learned all that this text can teach it: a longer training, or another setting, "
    "should lower its perplexity.",
    "diverged": "Training went wrong: the weights ran away instead of settling. The text is hardly ever the cause; the "
    "learning rate usually is.",
    "unstable": "Training went wrong for a while and has not quite recovered. The learning rate is the usual cause.",
    "too little text": "The text is too small for a neural network to be better than counting words.",
    "no verdict": "The run does not show whether the model learned too little or too much.",
    "neither": "The model learned what it could from this text with these settings, without learning it by heart.",
}
"""What each kind of verdict means, by the words that it begins with."""

CLOSE = 0.05
"""Relative difference of two perplexities that counts as about the same."""

WELL_CALIBRATED = 0.02
"""Calibration error below which probabilities can be taken at face value."""

_EVIDENCE = re.compile(r"(?P<evidence>.*? \(generalization gap [^)]*\))(?:; )?(?P<advice>.*)", re.DOTALL)


class Verdict(NamedTuple):
    """A verdict in parts.

    Attributes:
        kind: Its first words, such as "overfitting since epoch 3".
        evidence: What it is based on.
        meaning: What this kind of verdict means; empty for a kind that this version does not know.
        advice: What to do next; empty if there is nothing.
    """

    kind: str
    evidence: str
    meaning: str
    advice: str


def explain_verdict(line: str) -> Verdict:
    """Returns the parts of a verdict.

    Args:
        line: The line, as `halo.evaluation.verdict.verdict` returns it: "kind: evidence; advice; ended by ...".

    >>> verdict = explain_verdict("unstable: it jumped (generalization gap 1); lower optim.lr; ended by a callback")
    >>> verdict.evidence, verdict.advice
    ('it jumped (generalization gap 1)', 'lower optim.lr')
    """
    kind, _, rest = line.partition(": ")
    rest = rest.partition("; ended by ")[0]
    if match := _EVIDENCE.fullmatch(rest):
        evidence, advice = match["evidence"], match["advice"]
    else:
        evidence, _, advice = rest.rpartition("; ") if "; " in rest else (rest, "", "")
    meaning = next((text for start, text in MEANINGS.items() if kind.startswith(start)), "")
    return Verdict(kind, evidence, meaning, advice)


def explain_perplexity(metrics: RunMetrics) -> list[str]:
    """Returns sentences about validation: what the perplexity means, and how it compares with n-gram models."""
    validation = metrics.splits["validation"].perplexity
    if validation is None:
        return ["The perplexity of the validation text is too large to be written as a number."]
    sentences = [
        f"At each token of the validation text the model is on average as unsure as if it had to choose between "
        f"{number(validation, digits=1)} equally likely tokens; its vocabulary has {metrics.uniform_perplexity:,}."
    ]
    for name, perplexities in metrics.baselines.items():
        baseline = perplexities["validation"]
        if baseline:
            sentences.append(_compared(validation, baseline, name))
    return sentences


def _compared(model: float, baseline: float, name: str) -> str:
    does = "only knows how frequent each word is" if name == "unigram" else "counts sequences of up to five words"
    shown = f"a {name} model, which {does} ({number(baseline, digits=1)})"
    if abs(model / baseline - 1) <= CLOSE:
        return f"That is about as good as {shown}."
    if model < baseline:
        return f"That is {1 - model / baseline:.0%} lower than {shown}."
    return f"That is worse, by a factor of {number(model / baseline, digits=1)}, than {shown}."


def explain_interval(split: SplitFigures) -> str:
    """Returns what the interval of a split's perplexity says, or why there is none."""
    bounds = [bound for bound in split.perplexity_interval or () if bound is not None]
    if len(bounds) != 2:
        return "There is an interval for two documents or more, unless it is too wide to be written."
    low, high = bounds
    width = (high - low) / max(high + low, 1e-9)
    return (
        f"With other documents of the same kind, validation would lie between {number(low, digits=1)} and "
        f"{number(high, digits=1)} in 95 of 100 cases; differences below about {width:.0%} mean little."
    )


def explain_calibration(calibration: Calibration) -> str:
    """Returns whether the model is overconfident, underconfident, or neither."""
    difference = calibration.confidence - calibration.accuracy
    points = f"{100 * abs(difference):.1f} percentage points"
    if calibration.error < WELL_CALIBRATED:
        return "The probabilities can be taken at face value."
    if abs(difference) < calibration.error / 2:
        return "The model is overconfident in some ranges of probability and underconfident in others."
    if difference > 0:
        return (
            f"The model is overconfident: its first guess is right {points} less often than it claims. More dropout, "
            "or fewer epochs, usually helps; in generation, a temperature above 1 evens it out."
        )
    return (
        f"The model is underconfident: its first guess is right {points} more often than it claims. That does little "
        "harm; less dropout usually sharpens it."
    )
