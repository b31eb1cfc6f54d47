"""What can be measured of each unit of text: its label, its surprisal under a model, its sentiment by a classifier.

Shape letters: N units of text, C classes.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from halo.bundle.loading import Bundle
from halo.runtime.errors import InputError
from halo.scoring.scorer import Scorer
from halo.topic_modelling.crossings.crossing import Measure

MAX_LABELS = 12
"""The most frequent labels have a column each, and the others one together."""
OTHER_LABELS = "(others)"
TEXTS_AT_ONCE = 512

Predict = Callable[[Sequence[str]], npt.NDArray[np.floating]]
"""Returns the probability of each class for each text, shape (N, C)."""


def label_measure(labels: Sequence[str]) -> Measure | None:
    """Returns which label each unit has; None if there are fewer than two labels.

    Args:
        labels: The label of each unit; empty for none.
    """
    counts = Counter(label for label in labels if label)
    if len(counts) < 2:
        return None
    columns = [label for label, _ in counts.most_common(MAX_LABELS if len(counts) <= MAX_LABELS else MAX_LABELS - 1)]
    notes = []
    if len(columns) < len(counts):
        merged = len(counts) - len(columns)
        notes.append(f"{merged:,} rarer labels are counted together as {OTHER_LABELS}.")
        columns.append(OTHER_LABELS)
    if unlabelled := sum(not label for label in labels):
        notes.append(f"{unlabelled:,} of {len(labels):,} texts have no label and are left out.")
    places = {label: column for column, label in enumerate(columns)}
    values_NC = np.zeros((len(labels), len(columns)))
    for place, label in enumerate(labels):
        if label:
            values_NC[place, places.get(label, len(columns) - 1)] = 1.0
        else:
            values_NC[place] = np.nan
    return Measure("label", "share of texts", columns, values_NC, np.ones(len(labels)), is_share=True, notes=notes)


def surprisal_measure(bundle: Bundle, texts: Sequence[str]) -> Measure:
    """Returns the surprisal of each unit in bits per word, each read by itself after an `<eos>`.

    Words outside the vocabulary are not counted: what they cost says more about the vocabulary than about the text.

    Args:
        bundle: The model.
        texts: The texts.
    """
    scorer = Scorer(bundle, oov="na", with_distributions=False)
    bits, words, num_unknown = [], [], 0
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        for scored in scorer.score(texts[first : first + TEXTS_AT_ONCE]):
            known = [word.bits for word in scored.words if word.bits is not None]
            words.append(len(known))
            bits.append(math.fsum(known))
            num_unknown += sum(not word.is_known for word in scored.words)
    values_N1 = np.array([total / count if count else math.nan for total, count in zip(bits, words, strict=True)])
    share = num_unknown / max(1, num_unknown + sum(words))
    notes = [
        f"{share:.1%} of the words are outside the vocabulary and not counted; topics full of them look easier than "
        "they are.",
        "Topics and surprisal come from the same model: what it represents well it may also predict well, so a "
        "difference is one for this model, not yet one of the texts.",
        "Each text is read by itself, so topics of short texts look more surprising: a model knows least at the "
        "beginning.",
    ]
    weights_N = np.array(words, dtype=np.float64)
    return Measure(
        "surprisal", "bits per known word", ["bits per known word"], values_N1[:, None], weights_N, False, notes
    )


def sentiment_measure(
    predict: Predict, classes: Sequence[str], texts: Sequence[str], *, is_same_model: bool | None
) -> Measure:
    """Returns the probability of each class of a classifier for each unit.

    Args:
        predict: Classifies texts.
        classes: The names of the classes.
        texts: The texts.
        is_same_model: Whether the classifier was made from the model of the topics; None if that is unknown.

    Raises:
        InputError: The classifier gives another number of probabilities.
    """
    parts = [predict(texts[first : first + TEXTS_AT_ONCE]) for first in range(0, len(texts), TEXTS_AT_ONCE)]
    values_NC = np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
    if values_NC.shape != (len(texts), len(classes)):
        raise InputError(f"classifier: gives {values_NC.shape} probabilities for {len(texts)} texts; use another one")
    notes = [
        "The figures are probabilities of a classifier, with its errors: they compare topics, and count no opinions."
    ]
    if is_same_model is not False:
        may = "come" if is_same_model else "may come"
        notes.append(
            f"Topics and classes {may} from the same language model: texts that it represents alike fall into one "
            "topic and one class alike, which alone makes topics differ."
        )
    return Measure("sentiment", "mean probability", [*classes], values_NC, np.ones(len(texts)), False, notes)
