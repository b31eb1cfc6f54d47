"""What the charts of the page show, in plain English, with the figures of the comparison at hand."""

from halo.comparing.page.importance import Importance
from halo.comparing.page.material import Material
from halo.runtime.errors import counted

FEW_RUNS = 30
"""Runs below which the importance of settings is rough."""


def explain_order(material: Material) -> list[str]:
    """Returns by what runs are ordered, and why."""
    split, measure = material.comparison.split, material.measure
    sentences = [f"Runs are ordered by their {measure} on the {split} text; lower is better."]
    if split == "validation":
        sentences.append(
            "The best one is chosen on validation, and test is only reported beside it: a winner among many runs that "
            "is chosen on test looks better than it is."
        )
    else:
        sentences.append(
            "A winner that was chosen on this text looks better than it is, the more so the more runs there are."
        )
    if material.comparison.measure == "perplexity" and len(material.sets) <= 1:
        sentences.append("A small figure below another is its 95% interval over documents.")
    if len(material.sets) > 1:
        sentences.append("Runs of different sets cannot be ranked among each other; the reasons are above.")
    return sentences


def explain_curves(material: Material) -> list[str]:
    """Returns what the curves lack."""
    curves = [curve.run.curve for curve in material.curves]
    without = sum(all(point.tokens is None or point.seconds is None for point in curve) for curve in curves)
    too_large = sum(any(point.validation is None for point in curve) for curve in curves)
    missing = len(material.comparison.runs) - len(curves)
    sentences = []
    if without:
        sentences.append(
            f"{counted(without, 'run')} of an older version did not record tokens and time, and "
            f"{'is' if without == 1 else 'are'} drawn against steps only."
        )
    if too_large:
        sentences.append(f"{counted(too_large, 'curve')} had a perplexity that is too large for a number: a gap.")
    if missing:
        has = "has" if missing == 1 else "have"
        sentences.append(f"{counted(missing, 'run')} {has} no validation, and so no curve.")
    if len(material.sets) > 1:
        sentences.append("Perplexities over different vocabularies or texts are drawn together, but do not compare.")
    return sentences


def explain_importance(importance: Importance, names: dict[str, str]) -> list[str]:
    """Returns what the importance says about these runs, and how far it can be trusted.

    Args:
        importance: The importance.
        names: The short names of the settings.
    """
    first, share = next(iter(importance.shares.items()))
    good = f"{importance.good_share:.0%}"
    sentences = [f"Whether a run is among the best {good} depends most on {names[first]} ({share:.0%})."]
    if importance.runs < FEW_RUNS:
        sentences.append(
            f"These are {importance.runs} runs only. With fewer than {FEW_RUNS} a single lucky run moves the bars: "
            "take their order as a hint, and do not rely on their lengths."
        )
    return sentences
