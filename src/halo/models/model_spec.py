"""Building a network from settings and a vocabulary; its weights are counted before memory is allocated for them."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from halo.config import CustomModelConfig, RecurrentConfig, TransformerConfig
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network, num_parameters
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import InputError, require
from halo.runtime.user_classes import construct, import_class
from halo.tokenization.character_ngrams import Subwords, subwords

Architecture = RecurrentConfig | TransformerConfig | CustomModelConfig
MAX_NGRAMS = 2**25
"""The largest number of n-grams of a vocabulary, repetitions included; counting them takes some GiB."""


def build_model(config: Architecture, words: Sequence[str]) -> LanguageModel:
    """Returns the network that `config` describes, with fresh weights.

    The class of a custom model is imported, so `config` must be the user's own and not that of a saved model.

    Args:
        config: The architecture.
        words: The vocabulary, in the order of its ids.

    Raises:
        InputError: The network does not fit into this machine's memory, or does not suit the vocabulary; or a custom
            class cannot be imported or constructed.
    """
    model_class = None
    if isinstance(config, CustomModelConfig):
        model_class = import_class(config.target, LanguageModel, key="model._target_")  # type: ignore[type-abstract]
    return ModelSpec.of(config, words, model_class=model_class).build()


class ModelSpec(NamedTuple):
    """A network that has been counted, but not built.

    Attributes:
        config: The architecture.
        vocab_size: Number of words of the vocabulary.
        subwords: Their character n-grams; None if the architecture does not use any.
        model_class: The class of a custom model.
        num_weights: Number of weights, shared ones counted once; 0 if a custom model cannot be counted beforehand.
    """

    config: Architecture
    vocab_size: int
    subwords: Subwords | None
    model_class: type[LanguageModel] | None
    num_weights: int

    @classmethod
    def of(
        cls, config: Architecture, words: Sequence[str], *, model_class: type[LanguageModel] | None = None
    ) -> "ModelSpec":
        """Counts the network that `config` describes.

        Args:
            config: The architecture.
            words: The vocabulary, in the order of its ids.
            model_class: The class of a custom model; nothing is imported.

        Raises:
            InputError: The network does not suit the vocabulary, or a custom model lacks its class.
        """
        if isinstance(config, CustomModelConfig):
            return cls._of_custom(config, len(words), model_class)
        found = None if config.subword_lengths is None else _find_subwords(config, words)
        with torch.device("meta"), _NoNormalInit():
            bare = _network(config, len(words), None)
        ngram_weights = 0 if found is None else found.num_ngrams * config.embedding
        num_weights = config.ensemble_size * (num_parameters(bare) + ngram_weights)
        return cls(config, len(words), found, None, num_weights)

    @classmethod
    def _of_custom(
        cls, config: CustomModelConfig, vocab_size: int, model_class: type[LanguageModel] | None
    ) -> "ModelSpec":
        if model_class is None:
            raise InputError(
                f"model._target_={config.target}: a custom model, whose class is never imported from a saved "
                f"configuration; if you trust it, pass model_class={config.target}"
            )
        is_network = issubclass(model_class, Network)
        allowed = f"1 is needed: {model_class.__qualname__} is not a subclass of halo.models.language_model.Network"
        require(is_network or config.ensemble_size == 1, "model.ensemble_size", config.ensemble_size, allowed)
        try:
            with torch.device("meta"), _NoNormalInit():
                bare = _construct(model_class, vocab_size, config)
        except InputError:  # its constructor may need tensors with values; `build` reports what else is wrong
            return cls(config, vocab_size, None, model_class, 0)
        return cls(config, vocab_size, None, model_class, config.ensemble_size * num_parameters(bare))

    def build(self) -> LanguageModel:
        """Returns the network with fresh weights.

        Raises:
            InputError: It does not fit into this machine's memory, or a custom model cannot be constructed.
        """
        if hasattr(os, "sysconf"):  # not on Windows
            memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            needed = f"{4 * self.num_weights / 2**30:,.1f} GiB for {self.num_weights:,} weights"
            allowed = f"this machine has {memory_bytes / 2**30:,.1f}; "
            allowed += "lower model.hidden, model.embedding or model.ensemble_size"
            require(4 * self.num_weights <= memory_bytes, "model", needed, allowed)
        members = [self._build_one() for _ in range(self.config.ensemble_size)]
        return members[0] if len(members) == 1 else Ensemble([each for each in members if isinstance(each, Network)])

    def _build_one(self) -> LanguageModel:
        if isinstance(self.config, CustomModelConfig):
            assert self.model_class is not None
            return _construct(self.model_class, self.vocab_size, self.config)
        return _network(self.config, self.vocab_size, self.subwords)


def _construct(model_class: type[LanguageModel], vocab_size: int, config: CustomModelConfig) -> LanguageModel:
    return construct(model_class, arguments={"vocab_size": vocab_size, **config.arguments}, key="model")


def _find_subwords(config: RecurrentConfig | TransformerConfig, words: Sequence[str]) -> Subwords:
    assert config.subword_lengths is not None
    shortest, longest = config.subword_lengths
    num_ngrams = sum(map(len, words)) * (longest - shortest + 1) * config.ensemble_size
    allowed = f"about {num_ngrams:,} n-grams, at most {MAX_NGRAMS:,} are counted; give null or fewer words"
    require(num_ngrams <= MAX_NGRAMS, "model.subword_lengths", config.subword_lengths, allowed)
    return subwords(words, shortest=shortest, longest=longest)


def _network(
    config: RecurrentConfig | TransformerConfig, vocab_size: int, found: Subwords | None
) -> RecurrentModel | TransformerModel:
    if isinstance(config, TransformerConfig):
        return TransformerModel(
            vocab_size=vocab_size,
            embedding=config.embedding,
            hidden=config.hidden,
            layers=config.layers,
            heads=config.heads,
            context=config.context,
            tied=config.tied,
            subwords=found,
            adaptive_cutoffs=config.adaptive_cutoffs,
            dropout_input=config.dropout_input,
            dropout_attention=config.dropout_attention,
            dropout_hidden=config.dropout_hidden,
            dropout_output=config.dropout_output,
        )
    return RecurrentModel(
        vocab_size=vocab_size,
        cell=config.cell,
        embedding=config.embedding,
        hidden=config.hidden,
        last_hidden=config.last_hidden,
        layers=config.layers,
        mogrifier_rounds=config.mogrifier_rounds,
        tied=config.tied,
        subwords=found,
        adaptive_cutoffs=config.adaptive_cutoffs,
        pointer_tokens=config.pointer_tokens,
        dropout_embedding=config.dropout_embedding,
        dropout_input=config.dropout_input,
        dropout_hidden=config.dropout_hidden,
        dropout_output=config.dropout_output,
        dropout_weights=config.dropout_weights,
        activation_regularisation=config.activation_regularisation,
        temporal_activation_regularisation=config.temporal_activation_regularisation,
    )


class _NoNormalInit(TorchFunctionMode):
    """Skips normal initialisation, whose meta-device implementation draws nothing and takes 2 seconds to import."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return kwargs["tensor"] if func is nn.init.normal_ else func(*args, **(kwargs or {}))
