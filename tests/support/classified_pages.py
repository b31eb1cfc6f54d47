"""Measured classifiers without a network, for the tests of their page."""

import functools

import numpy as np

from halo.classification.measurement.calibration import fit_temperature
from halo.classification.measurement.cross_validation import measure_folds
from halo.classification.measurement.learning_curve import CurvePoint
from halo.classification.measurement.measure import measure
from halo.classification.measurement.telling_words import ExplainedWord, Explanation, Faithfulness
from halo.classification.page.material import Example, Material
from tests.support.labelled_texts import LABELS, labelled_split, noisy_logits


@functools.cache
def page_material(*, labels: tuple[str, ...] = LABELS, word: str = "lovely", full: bool = True) -> Material:
    """Returns what a page is made of.

    Args:
        labels: The three classes.
        word: A word of each example.
        full: Whether there are a learning curve, cross-validation and examples.
    """
    sizes = {"train": 100, "validation": 60, "test": 80}
    splits = {split: labelled_split(size, seed=size, noise=0.3) for split, size in sizes.items()}
    logits = {split: 2 * noisy_logits(splits[split].targets_N, strength=2, seed=7) for split in ("validation", "test")}
    temperature = fit_temperature(logits["validation"], splits["validation"].targets_N)
    measurement = measure(
        splits, labels, logits, temperature=temperature, interpolate_ngrams=full, hint="folds=5 measures all 240"
    )
    if not full:
        return Material("run", "reviews.csv", 100, measurement)
    models = measurement.predictions["test"]
    words = [ExplainedWord(f"w{number}", 0.1) for number in range(200)] + [ExplainedWord(word, 2.5)]
    examples = [
        Example(3, 0, Explanation(0, 0.9, words)),
        Example(4, 1, Explanation(2, 0.7, [ExplainedWord(word, 1.0), ExplainedWord("not", -1.0)])),
    ]
    curve = [
        CurvePoint(size, {"classifier": [share, share + 0.05], "tfidf": [share - 0.1]}, {"classifier": [share]})
        for size, share in ((10, 0.5), (30, 0.6), (100, 0.8))
    ]
    kept = {model: models.probabilities[model] for model in ("classifier", "tfidf", "majority")}
    folds = measure_folds(kept, np.asarray(models.targets_N), folds=5)
    faithfulness = Faithfulness(12, 0.31, 0.02, 0.0004)
    return Material("run", "reviews.csv", 100, measurement, folds, curve, examples, faithfulness)
