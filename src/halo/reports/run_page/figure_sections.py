"""The sections with figures: verdict, learning curves, measurements, calibration, and where the loss comes from."""

from collections.abc import Iterable

from halo.config import SPLITS
from halo.reports.console import number
from halo.reports.data_report.wording import label_name
from halo.reports.run_page.analysis.calibration import calibrate
from halo.reports.run_page.drawings import best_validation, draw_learning_curve, draw_reliability
from halo.reports.run_page.explanations import (
    explain_calibration,
    explain_interval,
    explain_perplexity,
    explain_verdict,
)
from halo.reports.run_page.material import NOT_MEASURED, Context, Material
from halo.reports.run_page.run_metrics import PartFigures

MAX_LABELS = 20


def verdict_context(material: Material) -> Context:
    """Returns the verdict, what it means, and the most important figures."""
    metrics = material.run.metrics
    if metrics is None:
        return {"missing": NOT_MEASURED}
    best_baseline = min(
        ((each["validation"], name) for name, each in metrics.baselines.items() if each["validation"] is not None),
        default=None,
    )
    validation, test = (metrics.splits[split].perplexity for split in ("validation", "test"))
    tiles = {"perplexity, validation": _perplexity(validation), "perplexity, test": _perplexity(test)}
    if best_baseline is not None:
        tiles[f"perplexity of a {best_baseline[1]} model, validation"] = number(best_baseline[0], digits=1)
    tiles["parameters"] = f"{metrics.num_parameters:,}"
    if metrics.minutes is not None:
        tiles["minutes of training"] = number(metrics.minutes, digits=1)
    return {
        "verdict": explain_verdict(metrics.verdict),
        "sentences": explain_perplexity(metrics),
        "early_end": metrics.early_end,
        "tiles": tiles,
    }


def _perplexity(value: float | None, *, digits: int = 1) -> str:
    """Returns the perplexity of all tokens; there is none only where it is too large for a number."""
    return "too large" if value is None else number(value, digits=digits)


def curves_context(material: Material) -> Context:
    """Returns the learning curve, and its values as a table."""
    metrics = material.run.metrics
    if metrics is None:
        return {"missing": NOT_MEASURED}
    if not metrics.validations:
        return {"missing": "the run ended before its first validation, or its metrics.json has no validations"}
    validations = metrics.validations
    best = best_validation(validations)
    kind = explain_verdict(metrics.verdict).kind
    since = best.epochs if kind.startswith("overfitting") and best is not validations[-1] else None
    return {
        "drawing": draw_learning_curve(validations, overfitting_since=since),
        "best": {
            "epoch": f"{best.epochs:g}",
            "perplexity": number(best.validation),
            "is_last": best is validations[-1],
        },
        "overfitting": since is not None,
        "is_cut": any(None in (each.train, each.validation) for each in validations),
        "early_end": metrics.early_end,
        "chosen_weights": metrics.chosen_weights,
        "eval_streams": material.run.config.data.eval_batch_size,
        "rows": [
            [
                f"{each.epochs:.4g}",
                f"{each.step:,}",
                _perplexity(each.train, digits=2),
                _perplexity(each.validation, digits=2),
            ]
            for each in validations
        ],
    }


def figures_context(material: Material) -> Context:
    """Returns the figures of each split with what they mean, and those of the baselines."""
    metrics = material.run.metrics
    if metrics is None:
        return {"missing": NOT_MEASURED}
    splits = [metrics.splits[split] for split in SPLITS]
    intervals = [
        "–"
        if each.perplexity_interval is None or None in each.perplexity_interval
        else "–".join(number(bound, digits=1) for bound in each.perplexity_interval)
        for each in splits
    ]
    figures = [
        (
            "perplexity",
            [_perplexity(each.perplexity, digits=2) for each in splits],
            "The model is as unsure as if it chose between this many equally likely tokens. It compares only with "
            "models of the same vocabulary and the same text.",
        ),
        ("its 95% interval over documents", intervals, explain_interval(metrics.splits["validation"])),
        (
            "perplexity without <eos>",
            [number(each.perplexity_without_eos) for each in splits],
            "The ends of paragraphs are easier to predict than words; this leaves them out.",
        ),
        (
            "perplexity of known words",
            [number(each.perplexity_known_words) for each in splits],
            "Leaves out unknown words too, which count as one token, <unk>, and are easy to predict as such.",
        ),
        (
            "bits per character",
            [number(each.bits_per_character, digits=3) for each in splits],
            "Compares models with different vocabularies: it includes the cost of spelling the unknown words.",
        ),
        (
            "of these, to spell unknown words",
            [number(each.oov_bits_per_character, digits=3) for each in splits],
            "A large part means that the vocabulary is too small for this text.",
        ),
        (
            "out of vocabulary",
            [f"{each.out_of_vocabulary_rate:.2%}" for each in splits],
            "The share of the tokens that are unknown. The higher it is, the less a perplexity says.",
        ),
        (
            "tokens",
            [f"{each.tokens:,}" for each in splits],
            "Of the training text, only a part is measured, for comparison.",
        ),
    ]
    if metrics.splits["validation"].unit == "base":
        figures = _of_genome(figures)
    models = [("this model", [_perplexity(each.perplexity) for each in splits])]
    models += [
        (f"{name} model", [number(each[split], digits=1) for split in SPLITS])
        for name, each in metrics.baselines.items()
    ]
    models.append(("uniform model", [f"{metrics.uniform_perplexity:,}"] * len(SPLITS)))
    return {"splits": SPLITS, "figures": figures, "models": models, "gap": number(metrics.generalization_gap, digits=3)}


def _of_genome(figures: list[tuple[str, list[str], str]]) -> list[tuple[str, list[str], str]]:
    """Returns the figures that a genome has, in bits per base."""
    explained = {
        "perplexity without <eos>": "Leaves out the ends of regions, which no sequence foretells.",
        "bits per character": "2.0 is what a model without any knowledge needs. It compares with all models of the "
        "same regions, whatever their tokens are.",
    }
    words = ("perplexity of known words", "of these, to spell unknown words", "out of vocabulary")
    return [
        ("bits per base" if name == "bits per character" else name, values, explained.get(name, text))
        for name, values, text in figures
        if name not in words
    ]


def calibration_context(material: Material) -> Context:
    """Returns the reliability diagram, and its values as a table."""
    scores = material.scores
    if scores is None:
        return {"missing": material.without_scores}
    calibration = calibrate(scores.top_probability_N, scores.is_top_N)
    rows = [
        [
            f"{each.low:.0%} to {each.high:.0%}",
            f"{each.tokens:,}",
            f"{each.predicted:.1%}",
            f"{each.observed:.1%}",
            f"{each.interval[0]:.1%} to {each.interval[1]:.1%}",
        ]
        for each in calibration.bins
    ]
    return {
        "drawing": draw_reliability(calibration),
        "error": f"{calibration.error:.1%}",
        "confidence": f"{calibration.confidence:.1%}",
        "accuracy": f"{calibration.accuracy:.1%}",
        "meaning": explain_calibration(calibration),
        "tokens": f"{len(scores.ids_N):,}",
        "is_whole": scores.is_whole,
        "rows": rows,
    }


def loss_context(material: Material) -> Context:
    """Returns the validation loss by label, training frequency and position."""
    metrics = material.run.metrics
    if metrics is None:
        return {"missing": NOT_MEASURED}
    split = metrics.splits["validation"]
    labels = sorted(split.by_label.items(), key=lambda item: -item[1].tokens)
    criteria = [
        ("Loss by label", "label", "The register, source or other label of the document.", labels[:MAX_LABELS]),
        (
            "Loss by frequency of the token",
            "occurrences in the training text",
            "Rare words are hard: the model has seen them a few times only.",
            split.by_frequency.items(),
        ),
        (
            "Loss by position in the document",
            "token of the document, counted from 1",
            "At the start of a document the model has no context yet.",
            split.by_position.items(),
        ),
    ]
    tables = [
        {"caption": caption, "head": head, "meaning": meaning, "rows": _parts(parts, split.tokens)}
        for caption, head, meaning, parts in criteria
        if parts
    ]
    return {"tables": tables, "num_hidden_labels": max(len(labels) - MAX_LABELS, 0)}


def _parts(parts: Iterable[tuple[str, PartFigures]], num_tokens: int) -> list[Context]:
    rows = []
    for name, part in parts:
        share_of_loss = part.share_of_nll or 0.0
        share = part.tokens / max(num_tokens, 1)
        rows.append(
            {
                "name": label_name(name),
                "tokens": f"{share:.1%}",
                "loss": f"{share_of_loss:.1%}",
                "perplexity": number(part.perplexity, digits=1),
                "tokens_width": _width(share),
                "loss_width": _width(share_of_loss),
            }
        )
    return rows


def _width(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"
