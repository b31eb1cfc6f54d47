"""The text that a model has read, from which generation continues.

Shape letters: T tokens, V tokens of the vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halo.generation.step_decoder import StepDecoder, predicting
from halo.models.language_model import LanguageModel, State
from halo.tokenization.tokenizer import TextTokenizer

WINDOW_TOKENS = 256
"""A text is read in windows of this size: the memory of a longer one does not grow."""


@dataclass(frozen=True, eq=False)
class Context:
    """A text that a model has read, and what it expects next.

    It is never changed, so it can be kept to continue the text from here again, in another way, or in another thread.

    Attributes:
        ids: The tokens of the text; the `<eos>` that is read before them is not included.
        logits_1V: The logits of the next token.
        state: The state of the model.
    """

    ids: tuple[int, ...]
    logits_1V: Tensor
    state: State

    def extended(self, decode_step: StepDecoder, token_id: int) -> "Context":
        """Returns the context after one more token."""
        with torch.no_grad():
            logits_1V, state = decode_step(torch.tensor([token_id], device=self.logits_1V.device), self.state)
        return Context((*self.ids, token_id), logits_1V, state)


def read_context(model: LanguageModel, tokenizer: TextTokenizer, ids: Sequence[int]) -> Context:
    """Returns the context after `<eos>` and a text; of a long text only the last logits are computed.

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        ids: Token ids of the text; may be empty.
    """
    text_T = torch.tensor([tokenizer.eos_id, *ids], device=next(model.parameters()).device)
    state: State | None = None
    with predicting(model):
        for first in range(0, len(text_T) - 1, WINDOW_TOKENS):
            window_T = text_T[first : min(first + WINDOW_TOKENS, len(text_T) - 1)]
            state = model.read(window_T.unsqueeze(0), state).state
        logits_11V, state = model(text_T[-1:].unsqueeze(0), state)
    return Context(tuple(ids), logits_11V[:, -1], state)
