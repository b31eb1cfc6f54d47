"""Plans the lengths of the windows of each pass over a text."""

import numpy as np

SHORT_FRACTION = 0.05
"""Probability that a window is drawn around half the usual length."""

LENGTH_DEVIATION = 5.0
"""Standard deviation of the window length, in tokens."""

MIN_LENGTH = 5
"""Minimum window length in tokens; a shorter remainder at the end of a text is merged into the last window."""


class WindowPlan:
    """Holds the window lengths of each epoch: all equal except the last one, or drawn at random.

    Windows of a fixed length start and end at the same tokens in every epoch, so gradients never flow across those
    boundaries. Random lengths move the boundaries: they are normally distributed around `sequence_length`, or, for one
    window in twenty, around half of it (Merity et al. 2018). They are drawn once from the seed and reordered in each
    epoch, so every epoch has the same number of windows and every process the same ones.

    Args:
        num_tokens: Length of the longest stream in tokens.
        sequence_length: The window length, or its mean, in tokens.
        seed: Seed of random lengths; None for a fixed length.
    """

    def __init__(self, num_tokens: int, *, sequence_length: int, seed: int | None) -> None:
        self._seed = seed
        if seed is None:
            self._lengths = np.full(-(-num_tokens // sequence_length), sequence_length)
            self._lengths[-1] -= self._lengths.sum() - num_tokens
        else:
            self._lengths = _draw_lengths(num_tokens, sequence_length, np.random.default_rng(seed))

    def lengths(self, epoch: int) -> list[int]:
        """Returns the lengths of the windows of an epoch, in order, in tokens."""
        if self._seed is None:
            return [int(length) for length in self._lengths]
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._lengths))
        return [int(length) for length in self._lengths[order]]

    def __len__(self) -> int:
        """Returns the number of windows, the same in every epoch."""
        return len(self._lengths)


def _draw_lengths(num_tokens: int, sequence_length: int, generator: np.random.Generator) -> np.ndarray:
    lengths, remaining = [], num_tokens
    while remaining:
        mean = sequence_length / 2 if generator.random() < SHORT_FRACTION else sequence_length
        length = min(max(MIN_LENGTH, int(generator.normal(mean, LENGTH_DEVIATION))), remaining)
        if remaining - length < MIN_LENGTH:
            length = remaining
        lengths.append(length)
        remaining -= length
    return np.array(lengths)
