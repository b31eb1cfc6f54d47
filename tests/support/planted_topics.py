"""Collections of texts whose topics are known, or that have none, as units with vectors."""

import numpy as np

from halo.topic_modelling.units import TopicUnits

VOCABULARIES = (
    [f"sea{letter}" for letter in "abcdefghijkl"],
    [f"law{letter}" for letter in "abcdefghijkl"],
    [f"cow{letter}" for letter in "abcdefghijkl"],
)
CONTENT_WORDS = [word for words in VOCABULARIES for word in words]
FUNCTION_WORDS = ["the", "of", "and"]
FEATURES = 64


def planted_units(*, num_units: int = 90, has_topics: bool = True, seed: int = 0) -> TopicUnits:
    """Returns units of thirty words from one of three vocabularies each; without topics, from all of them.

    The vector of a unit is the mean of random vectors of its words. Every unit is a document of its own, and every
    third one is held out.
    """
    generator = np.random.default_rng(seed)
    words = [*CONTENT_WORDS, *FUNCTION_WORDS]
    vectors = dict(zip(words, generator.normal(size=(len(words), FEATURES)), strict=True))
    tokens, labels = [], []
    for number in range(num_units):
        label = int(generator.integers(3)) if number >= 3 else number
        chosen = VOCABULARIES[label] if has_topics else CONTENT_WORDS
        tokens.append([str(word) for word in [*generator.choice(chosen, 24), *FUNCTION_WORDS, *FUNCTION_WORDS]])
        labels.append(str(label))
    splits = [("train", "train", "train", "train", "validation", "test")[number % 6] for number in range(num_units)]
    return TopicUnits(
        texts=[" ".join(each) for each in tokens],
        documents=np.arange(num_units),
        labels=labels,
        dates=None,
        splits=splits,
        tokens=tokens,
        vectors=np.array([np.mean([vectors[word] for word in each], axis=0) for each in tokens], dtype=np.float32),
        paragraphs=np.zeros(num_units, dtype=np.int64),
        sources=[f"file.txt, line {number + 1}" for number in range(num_units)],
    )
