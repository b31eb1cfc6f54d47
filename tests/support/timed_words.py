"""Words with reading times that are made up by a known rule."""

import numpy as np

from halo.scoring.reading_times.observations import Observations, TimedWord, make_observations


def made_up_words(*, texts: int = 6, ms_per_bit: float = 8.0, length: int = 80) -> list[TimedWord]:
    """Returns words whose reading time is 200 ms, 10 ms per character, `ms_per_bit` per bit, and noise."""
    generator = np.random.default_rng(0)
    words = []
    for text in range(texts):
        for _ in range(length):
            characters, frequency, bits = generator.integers(1, 12), generator.normal(3, 1), generator.gamma(4, 2)
            time = 200 + 10 * characters + ms_per_bit * bits + generator.normal(0, 30)
            words.append(TimedWord(f"text {text}", int(characters), float(frequency), float(bits), float(time)))
    return words


def made_up_observations(*, texts: int = 6, ms_per_bit: float = 8.0, length: int = 80) -> Observations:
    """Returns the rows of these words."""
    words = made_up_words(texts=texts, ms_per_bit=ms_per_bit, length=length)
    return make_observations(words, limits=(0.1, 1e6))
