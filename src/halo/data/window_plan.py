"""How long the windows of a pass over a text are."""

import numpy as np

SHORT_SHARE = 0.05
"""Share of the windows that are half as long as the others on average."""

SPREAD_TOKENS = 5.0
"""Standard deviation of a window's length."""

MIN_TOKENS = 5
"""The shortest window; what is left over at the end of a text is joined to a window."""


class WindowPlan:
    """The lengths of the windows of each epoch: all the same but for the last one, or drawn at random.

    Windows of one length always begin and end at the same tokens, so that gradients never flow across some pairs of
    neighbours. Random lengths move the borders: normally distributed about the window length, in one of twenty windows
    about half of it (Merity et al. 2018). They are drawn once from the seed and put in a new order in each epoch, so
    that every epoch has as many windows as the others, and every process the same ones.

    Args:
        num_tokens: Tokens of the longest stream.
        sequence_length: The window length.
        seed: Seed of random lengths; None for windows of one length.
    """

    def __init__(self, num_tokens: int, *, sequence_length: int, seed: int | None) -> None:
        self._seed = seed
        if seed is None:
            self._lengths = np.full(-(-num_tokens // sequence_length), sequence_length)
            self._lengths[-1] -= self._lengths.sum() - num_tokens
        else:
            self._lengths = _draw_lengths(num_tokens, sequence_length, np.random.default_rng(seed))

    def lengths(self, epoch: int) -> list[int]:
        """Returns the lengths of an epoch's windows in order, in tokens."""
        if self._seed is None:
            return [int(length) for length in self._lengths]
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._lengths))
        return [int(length) for length in self._lengths[order]]

    def __len__(self) -> int:
        """The number of windows, the same in every epoch."""
        return len(self._lengths)


def _draw_lengths(num_tokens: int, sequence_length: int, generator: np.random.Generator) -> np.ndarray:
    lengths, left = [], num_tokens
    while left:
        mean = sequence_length / 2 if generator.random() < SHORT_SHARE else sequence_length
        length = min(max(MIN_TOKENS, int(generator.normal(mean, SPREAD_TOKENS))), left)
        if left - length < MIN_TOKENS:
            length = left
        lengths.append(length)
        left -= length
    return np.array(lengths)
