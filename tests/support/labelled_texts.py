"""Synthetic labelled texts whose classes can be told by planted words, for measuring classifiers."""

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.measure import MeasuredSplit

LABELS = ("negative", "positive", "neutral")
PLANTED = ("awful", "lovely", "plain")
FILLERS = tuple(f"word{number}" for number in range(30))


def labelled_split(number: int, *, seed: int, noise: float = 0.0, num_classes: int = 3) -> MeasuredSplit:
    """Returns texts of eight words, one of which is the planted word of the class.

    Args:
        number: Number of texts.
        seed: Seed of the words and classes.
        noise: Share of the texts with the planted word of any class.
        num_classes: Number of classes.
    """
    generator = np.random.default_rng(seed)
    targets_N = generator.integers(num_classes, size=number)
    texts = []
    for target in targets_N.tolist():
        told = int(generator.integers(num_classes)) if generator.random() < noise else target
        words = [*generator.choice(FILLERS, size=7), PLANTED[told]]
        texts.append(" ".join(generator.permutation(words)))
    return MeasuredSplit(texts, targets_N, np.arange(number))


def noisy_logits(
    targets_N: npt.NDArray[np.int64], *, strength: float, seed: int, num_classes: int = 3
) -> npt.NDArray[np.float64]:
    """Returns logits that favour the true classes by `strength`, with normal noise."""
    noise_NC = np.random.default_rng(seed).normal(size=(len(targets_N), num_classes))
    return noise_NC + strength * np.eye(num_classes)[targets_N]
