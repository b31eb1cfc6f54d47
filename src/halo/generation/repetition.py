"""What has been written already, and how it limits what comes next.

Shape letters: B sequences, V tokens of the vocabulary, W tokens of the window.
"""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

PENALTY_WINDOW = 64
"""The number of tokens before the next one whose repetition is penalised, those of the prompt included."""


class Repetition:
    """Makes tokens of the text so far less likely, and forbids sequences that would occur twice.

    Args:
        prompt_ids: The tokens that all sequences begin with.
        num_sequences: Number of sequences, B.
        penalty: The probability of each token in the last `PENALTY_WINDOW` is raised to this power (Keskar et al. 2019,
            who divide logits instead, which depends on a constant that logits may have); 1 for no penalty.
        no_repeat_ngram: Length of the sequences of tokens that occur only once in a text; 0 for no limit.

    Attributes:
        num_lifted: How often every token was forbidden, and `no_repeat_ngram` did not apply.
    """

    def __init__(
        self, prompt_ids: Sequence[int], num_sequences: int, *, penalty: float = 1.0, no_repeat_ngram: int = 0
    ) -> None:
        self.penalty = penalty
        self.length = no_repeat_ngram
        self.num_lifted = 0
        self._texts = [[*prompt_ids] for _ in range(num_sequences if self.is_active else 0)]
        followers = _followers(prompt_ids, self.length) if self.length else {}
        self._followers = [{start: {*ids} for start, ids in followers.items()} for _ in self._texts]

    @property
    def is_active(self) -> bool:
        """Whether anything is limited."""
        return self.penalty != 1 or self.length > 0

    def limit(self, scores_BV: Tensor) -> Tensor:
        """Returns the scores of the next tokens with penalties, and minus infinity for what must not follow.

        Args:
            scores_BV: Logits, in which tokens that are never written are minus infinity already.
        """
        if self.penalty != 1:
            log_probs_BV = scores_BV.float().log_softmax(-1)
            window_BW = torch.tensor([text[-PENALTY_WINDOW:] for text in self._texts], dtype=torch.int64)
            window_BW = window_BW.to(scores_BV.device)
            scores_BV = log_probs_BV.scatter(1, window_BW, log_probs_BV.gather(1, window_BW) * self.penalty)
        return self._without_repeated(scores_BV) if self.length else scores_BV

    def _without_repeated(self, scores_BV: Tensor) -> Tensor:
        limited_BV = scores_BV.clone()
        for row_V, text, followers in zip(limited_BV, self._texts, self._followers, strict=True):
            if banned := followers.get(_last(text, self.length - 1)):
                before_V = row_V.clone()
                row_V[torch.tensor([*banned], device=row_V.device)] = -torch.inf
                if bool(row_V.amax() == -torch.inf):
                    row_V.copy_(before_V)
                    self.num_lifted += 1
        return limited_BV

    def add(self, ids: Sequence[int]) -> None:
        """Adds the next token of each sequence."""
        if not self.is_active:
            return
        for text, followers, token_id in zip(self._texts, self._followers, ids, strict=True):
            if self.length and len(text) >= self.length - 1:
                followers.setdefault(_last(text, self.length - 1), set()).add(token_id)
            text.append(token_id)

    def select(self, rows: Sequence[int]) -> None:
        """Keeps some of the sequences, in this order; the same one may be kept several times."""
        if not self.is_active:
            return
        self._texts = [[*self._texts[row]] for row in rows]
        self._followers = [{start: {*ids} for start, ids in self._followers[row].items()} for row in rows]


def _last(text: list[int], number: int) -> tuple[int, ...]:
    return tuple(text[max(0, len(text) - number) :])


def _followers(ids: Sequence[int], length: int) -> dict[tuple[int, ...], set[int]]:
    """Returns the tokens that have followed each sequence of `length` - 1 tokens."""
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for place in range(length - 1, len(ids)):
        found[tuple(ids[place - length + 1 : place])].add(ids[place])
    return dict(found)
