"""The words that a model expects next."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from halo.generation.context import read_context
from halo.models.language_model import LanguageModel
from halo.tokenization.tokenizer import TextTokenizer


class NextWord(NamedTuple):
    """A token that may follow a text.

    Attributes:
        word: The token; `<eos>` for the end of the paragraph or document.
        probability: The model's probability of it.
        bits: Its surprisal, -log2 of the probability.
    """

    word: str
    probability: float
    bits: float


def next_words(model: LanguageModel, tokenizer: TextTokenizer, ids: Sequence[int], *, k: int) -> list[NextWord]:
    """Returns the k likeliest tokens after a text, the likeliest first, without `<unk>`.

    Args:
        model: The model.
        tokenizer: Its vocabulary.
        ids: The token ids of the text; may be empty.
        k: The number of tokens; all of a smaller vocabulary.
    """
    with torch.no_grad():
        log_probs_V = read_context(model, tokenizer, ids).logits_1V[0].float().log_softmax(-1)
        log_probs_V[tokenizer.unk_id] = -torch.inf
        likeliest = log_probs_V.topk(min(k, len(log_probs_V) - 1))
    pairs = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
    return [NextWord(tokenizer.token(token_id), math.exp(nats), -nats / math.log(2)) for token_id, nats in pairs]
