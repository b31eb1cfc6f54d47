"""Moves a language model to the vocabulary of another text.

Shape letters: V words of the new vocabulary, D features.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from halo.bundle.loading import Bundle
from halo.config import CustomModelConfig
from halo.models.language_model import LanguageModel
from halo.models.model_spec import ModelSpec
from halo.models.output import AdaptiveOutput, SoftmaxOutput
from halo.models.subword_vectors import SubwordVectors
from halo.runtime.errors import InputError
from halo.tokenization.character_ngrams import ngrams
from halo.tokenization.tokenizer import TextTokenizer


class Transferred(NamedTuple):
    """A language model with the vocabulary of another text.

    Attributes:
        model: The network.
        num_copied: Number of tokens whose vectors were copied.
        num_new: Number of tokens that the language model did not have.
    """

    model: LanguageModel
    num_copied: int
    num_new: int


@torch.no_grad()
def transfer_vocabulary(source: Bundle, tokenizer: TextTokenizer) -> Transferred:
    """Returns a language model with the weights of another one and its own vocabulary.

    A word that both know keeps its vector, and its bias in the output layer. A new word gets the mean of these, as in
    Howard and Ruder (2018), to which the vectors of its character n-grams are added if the model has them. An adaptive
    softmax starts anew, since its clusters are those of another vocabulary.

    Args:
        source: The language model.
        tokenizer: The new vocabulary.

    Raises:
        InputError: No word of the new vocabulary is known.
    """
    old_ids = source.tokenizer.vocabulary()
    words = tokenizer.words()
    old_of_new_V = np.full(len(words), -1, dtype=np.int64)
    for token, token_id in tokenizer.vocabulary().items():
        old_of_new_V[token_id] = old_ids.get(token, -1)
    special = [tokenizer.unk_id, tokenizer.eos_id]
    known_V = torch.from_numpy(old_of_new_V)
    num_copied = int((known_V >= 0).sum())
    if num_copied <= len(special):
        raise InputError(
            f"language_model={source.folder}: knows no word of this text; use a model of this language and kind of "
            "tokenizer, or language_model=null"
        )
    is_custom = isinstance(source.config.model, CustomModelConfig)
    model_class = type(source.model) if is_custom else None
    model = ModelSpec.of(source.config.model, words, model_class=model_class).build()
    _copy_others(source.model, model)
    old_modules = dict(source.model.named_modules())
    for name, module in model.named_modules():
        old = old_modules.get(name)
        if isinstance(module, nn.Embedding) and isinstance(old, nn.Embedding):
            _copy_embedding(old, module, known_V, source, words)
        elif isinstance(module, SoftmaxOutput) and isinstance(old, SoftmaxOutput):
            module.bias.copy_(_rows(old.bias, known_V))
    return Transferred(model, num_copied, len(words) - num_copied)


def _copy_others(old: LanguageModel, new: LanguageModel) -> None:
    """Copies all weights that do not belong to the words of a vocabulary."""
    of_words = (nn.Embedding, SoftmaxOutput, AdaptiveOutput)
    prefixes = tuple(f"{name}." for name, module in new.named_modules() if isinstance(module, of_words))
    saved = old.state_dict()
    for name, weight in new.state_dict(keep_vars=True).items():
        if not name.startswith(prefixes) and name in saved:
            weight.copy_(saved[name])


def _copy_embedding(old: nn.Embedding, new: nn.Embedding, known_V: Tensor, source: Bundle, words: list[str]) -> None:
    """Copies the vectors of known words; with n-grams, so that the sum of a word's vectors stays what it was."""
    vectors_VD = _rows(old.weight, known_V)
    if not parametrize.is_parametrized(new, "weight"):
        new.weight.copy_(vectors_VD)
        return
    of_old, of_new = _subword_vectors(old), _subword_vectors(new)
    lengths = getattr(source.config.model, "subword_lengths")  # noqa: B009  a custom model has no n-grams
    old_ngrams = {n: number for number, n in enumerate(_ngrams(source.tokenizer.words(), lengths))}
    places = [old_ngrams.get(n, -1) for n in _ngrams(words, lengths)]
    known_N = torch.tensor(places, dtype=torch.int64)
    copied_ND = of_old.vectors[known_N.clamp(min=0)]
    of_new.vectors.copy_(copied_ND.masked_fill((known_N < 0).unsqueeze(1), 0.0))
    from_ngrams_VD = of_new(torch.zeros_like(vectors_VD))
    own_VD = vectors_VD - from_ngrams_VD
    is_known_V = known_V >= 0
    own_VD[~is_known_V] = own_VD[is_known_V].mean(0)
    new.get_parameter("parametrizations.weight.original").copy_(own_VD)


def _subword_vectors(embedding: nn.Embedding) -> SubwordVectors:
    found = embedding.get_submodule("parametrizations.weight.0")
    assert isinstance(found, SubwordVectors)
    return found


def _rows(old: Tensor, known_V: Tensor) -> Tensor:
    """Returns the rows of the known words, and their mean for the others."""
    is_known_V = known_V >= 0
    rows = old[known_V.clamp(min=0)].clone()
    rows[~is_known_V] = old[known_V[is_known_V]].mean(0)
    return rows


def _ngrams(words: list[str], lengths: list[int]) -> list[str]:
    return ngrams(words, shortest=lengths[0], longest=lengths[1])
