"""The words of a text that told for its label, as they stand there."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.measurement.telling_words import explain, word_spans
from halo.scoring.encoding import TextEncoder

MAX_LISTED = 5
"""Words that a row of a file names."""
SMALLEST_WEIGHT = 0.05
"""The smallest weight that is worth a word: it changes the odds by 5 %."""


_MARKS = re.compile(r"^\W+|\W+$")


class TellingWord(NamedTuple):
    """A word of a text, and how much it tells for a label.

    Attributes:
        text: The word as it stands there.
        start: Where it begins in the text.
        end: Where it ends.
        weight: By how much the log-odds of the label fall without the word: 0.7 doubles the odds, -0.7 halves them;
            0 for a word that cleaning removes, or that was not looked at.
    """

    text: str
    start: int
    end: int
    weight: float


def telling_words(classifier: ClassifierBundle, text: str, label: str) -> list[TellingWord]:
    """Returns the words of a text with their weights, in their order.

    Each word is left out wherever it occurs, see `halo.classification.measurement.telling_words.explain`; that costs
    about as much as classifying as many texts as the text has different words. The parts of a word that the tokenizer
    separates, such as its comma, are added up.

    Args:
        classifier: The classifier.
        text: The text.
        label: One of the classifier's labels.
    """
    (encoded,) = TextEncoder(classifier).encode([text])
    ids = np.array([*encoded.ids, classifier.tokenizer.eos_id])
    owners = dict(zip(encoded.places, (token.word for token in encoded.tokens), strict=True))
    explanation = explain(classifier, ids, target=classifier.labels.index(label))
    weights = [0.0] * len(encoded.words)
    for (begin, _), word in zip(word_spans(ids, classifier.tokenizer), explanation.words, strict=True):
        weights[owners[begin]] += word.effect or 0.0
    return [
        TellingWord(text[start:end], start, end, weight)
        for (start, end), weight in zip(encoded.words, weights, strict=True)
    ]


def strongest(words: Sequence[TellingWord]) -> list[TellingWord]:
    """Returns the few words that tell most for or against a label, each once; weak ones are left out.

    >>> strongest([TellingWord("a", 0, 1, 0.01), TellingWord("b", 2, 3, -0.2)])[0].text
    'b'
    """
    telling = sorted(words, key=lambda word: -abs(word.weight))
    different = {word.text.casefold(): word for word in reversed(telling)}
    return [word for word in telling if different[word.text.casefold()] is word and _is_strong(word)][:MAX_LISTED]


def _is_strong(word: TellingWord) -> bool:
    return abs(word.weight) >= SMALLEST_WEIGHT


def listed(words: Sequence[TellingWord]) -> str:
    """Returns words as the column of a file has them, without the marks around them.

    >>> listed([TellingWord("(fine,", 0, 6, 0.25), TellingWord("dull", 7, 11, -0.1), TellingWord("!", 11, 12, 0.2)])
    'fine +0.25, dull -0.10, ! +0.20'
    """
    return ", ".join(f"{_MARKS.sub('', word.text) or word.text} {word.weight:+.2f}" for word in words)
