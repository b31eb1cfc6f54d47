"""From settings and a vocabulary to a network, which is counted before there is memory for it."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from halo.config import ModelVariant, RecurrentConfig, TransformerConfig
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import require
from halo.tokenization.character_ngrams import Subwords, subwords

Architecture = RecurrentConfig | TransformerConfig
MAX_NGRAMS = 2**25
"""Of all words of a vocabulary together, the same ones counted each time: some GiB while they are counted."""


def build_model(config: ModelVariant, words: Sequence[str]) -> LanguageModel:
    """Returns the network that `config` describes, with fresh weights.

    Args:
        config: The architecture.
        words: The vocabulary, in the order of its ids.

    Raises:
        InputError: This machine has no memory for it, or it does not fit the vocabulary.
    """
    return ModelSpec.of(config, words).build()


class ModelSpec(NamedTuple):
    """A network before there is memory for it.

    Attributes:
        config: The architecture.
        vocab_size: Words of the vocabulary.
        parts: Their n-grams, where it has vectors of them.
        num_weights: How many it has, shared ones counted once.
    """

    config: Architecture
    vocab_size: int
    parts: Subwords | None
    num_weights: int

    @classmethod
    def of(cls, config: ModelVariant, words: Sequence[str]) -> "ModelSpec":
        """Returns what `config` describes, counted; it raises `InputError` where it does not fit the vocabulary."""
        assert isinstance(config, Architecture)
        parts = None
        if config.subword_lengths is not None:
            shortest, longest = config.subword_lengths
            num_ngrams = sum(map(len, words)) * (longest - shortest + 1) * config.ensemble_size
            allowed = f"about {num_ngrams:,} n-grams, at most {MAX_NGRAMS:,} are counted; give null or fewer words"
            require(num_ngrams <= MAX_NGRAMS, "model.subword_lengths", config.subword_lengths, allowed)
            parts = subwords(words, shortest=shortest, longest=longest)
        with torch.device("meta"), _NotDrawn():
            bare = _network(config, len(words), None)
        of_ngrams = 0 if parts is None else parts.num_ngrams * config.embedding
        num_weights = config.ensemble_size * (sum(weight.numel() for weight in bare.parameters()) + of_ngrams)
        return cls(config, len(words), parts, num_weights)

    def build(self) -> LanguageModel:
        """Returns it; it raises `InputError` where this machine has no memory for it."""
        if hasattr(os, "sysconf"):  # not on Windows
            memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            needed = f"{4 * self.num_weights / 2**30:,.1f} GiB for {self.num_weights:,} weights"
            allowed = f"this machine has {memory_bytes / 2**30:,.1f}; "
            allowed += "lower model.hidden, model.embedding or model.ensemble_size"
            require(4 * self.num_weights <= memory_bytes, "model", needed, allowed)
        networks = [_network(self.config, self.vocab_size, self.parts) for _ in range(self.config.ensemble_size)]
        return networks[0] if len(networks) == 1 else Ensemble(networks)


def _network(config: Architecture, vocab_size: int, parts: Subwords | None) -> Network:
    if isinstance(config, TransformerConfig):
        return TransformerModel(config, vocab_size, parts)
    return RecurrentModel(config, vocab_size, parts)


class _NotDrawn(TorchFunctionMode):
    """Leaves out what would draw word vectors: without memory it draws nothing, but is imported for two seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return kwargs["tensor"] if func is nn.init.normal_ else func(*args, **(kwargs or {}))
