"""Settings of the architectures."""

import math
from dataclasses import dataclass

from halo.runtime.errors import require

MAX_SIZES: dict[str, int] = {
    **{"ensemble_size": 1000, "layers": 100, "mogrifier_rounds": 100},
    **dict.fromkeys(("embedding", "hidden", "last_hidden", "heads", "context", "pointer_tokens"), 2**20),
}
"""Far more than is of use; so that a number with too many digits is told, and not taken for a request for memory."""
MAX_CUTOFFS = 10


@dataclass
class ModelConfig:
    """The architecture.

    Attributes:
        name: Selects the class.
        ensemble_size: So many networks of it predict together (`halo.models.ensemble.Ensemble`); 1 is a single one.
        init_bias_from_unigram: Whether the output bias starts as the log frequency of each training word, so that the
            untrained model is a unigram model and not a uniform one; without effect on an adaptive softmax.
    """

    name: str
    ensemble_size: int
    init_bias_from_unigram: bool


@dataclass
class RecurrentConfig(ModelConfig):
    """Settings of `halo.models.recurrent.RecurrentModel`.

    Attributes:
        cell: What the layers consist of: `lstm` or `gru`.
        embedding: Size of the word vectors.
        hidden: Units of each layer.
        last_hidden: Units of the last layer; None takes `hidden`.
        layers: Number of layers.
        mogrifier_rounds: How often input and last output of a layer gate each other before they meet in the cell of an
            LSTM (Melis et al. 2020); 0 is a plain one.
        tied: Whether the output shares the word vectors; a linear projection stands between where sizes differ.
        subword_lengths: The shortest and the longest character n-grams whose vectors are added to those of the words
            (Bojanowski et al. 2017); None for none.
        adaptive_cutoffs: The ids at which clusters of rarer words begin, for an adaptive softmax (Grave et al. 2017);
            None for a full one.
        pointer_tokens: How many tokens back a pointer at words of the text reaches; None for no pointer.
        dropout_embedding: Dropout of whole words.
        dropout_input: Dropout on the word vectors.
        dropout_hidden: Dropout between layers.
        dropout_output: Dropout before the output.
        dropout_weights: Dropout of the recurrent weights (DropConnect).
        activation_regularisation: Weight of the mean square of the last layer's outputs in the loss (AR).
        temporal_activation_regularisation: Weight of the mean square of their change from token to token (TAR).
    """

    cell: str
    embedding: int
    hidden: int
    last_hidden: int | None
    layers: int
    mogrifier_rounds: int
    tied: bool
    subword_lengths: list[int] | None
    adaptive_cutoffs: list[int] | None
    pointer_tokens: int | None
    dropout_embedding: float
    dropout_input: float
    dropout_hidden: float
    dropout_output: float
    dropout_weights: float
    activation_regularisation: float
    temporal_activation_regularisation: float

    def __post_init__(self) -> None:
        require(self.cell in ("lstm", "gru"), "model.cell", self.cell, "choose one of lstm, gru")
        _require_sizes(self, "ensemble_size", "embedding", "hidden", "layers")
        valid = self.mogrifier_rounds == 0 or (self.mogrifier_rounds > 0 and self.cell == "lstm")
        allowed = "0, or with model.cell=lstm more, is needed"
        require(valid, "model.mogrifier_rounds", self.mogrifier_rounds, allowed)
        _require_most(self, "mogrifier_rounds")
        valid = self.last_hidden is None or self.last_hidden >= 1
        require(
            valid, "model.last_hidden", self.last_hidden, "at least 1, or null for the size of the others, is needed"
        )
        _require_lengths(self.subword_lengths)
        valid = self.pointer_tokens is None or self.pointer_tokens >= 1
        require(valid, "model.pointer_tokens", self.pointer_tokens, "at least 1, or null for no pointer, is needed")
        _require_most(self, "last_hidden", "pointer_tokens")
        _require_cutoffs(self.adaptive_cutoffs, tied=self.tied)
        dropouts = ("embedding", "input", "hidden", "output", "weights")
        _require_probabilities(self, *(f"dropout_{place}" for place in dropouts))
        for key in ("activation_regularisation", "temporal_activation_regularisation"):
            require(0 <= getattr(self, key) < math.inf, f"model.{key}", getattr(self, key), "0 or more is needed")


@dataclass
class TransformerConfig(ModelConfig):
    """Settings of `halo.models.transformer.TransformerModel`.

    Attributes:
        embedding: Size of the word vectors, and of what each layer takes and gives.
        hidden: Units of each feed-forward part.
        layers: Number of layers.
        heads: Attention heads of each layer; each has embedding / heads features.
        context: Tokens before it that a token sees in each layer.
        tied: Whether the output shares the word vectors.
        subword_lengths: The shortest and the longest character n-grams whose vectors are added to those of the words
            (Bojanowski et al. 2017); None for none.
        adaptive_cutoffs: The ids at which clusters of rarer words begin, for an adaptive softmax (Grave et al. 2017);
            None for a full one.
        dropout_input: Dropout on the word vectors.
        dropout_attention: Dropout of what a token sees.
        dropout_hidden: Dropout on what attention and feed-forward parts add.
        dropout_output: Dropout before the output.
    """

    embedding: int
    hidden: int
    layers: int
    heads: int
    context: int
    tied: bool
    subword_lengths: list[int] | None
    adaptive_cutoffs: list[int] | None
    dropout_input: float
    dropout_attention: float
    dropout_hidden: float
    dropout_output: float

    def __post_init__(self) -> None:
        _require_sizes(self, "ensemble_size", "embedding", "hidden", "layers", "heads", "context")
        fits = self.embedding % (2 * self.heads) == 0
        require(fits, "model.embedding", self.embedding, f"a multiple of 2 x model.heads ({self.heads}) is needed")
        _require_lengths(self.subword_lengths)
        _require_cutoffs(self.adaptive_cutoffs, tied=self.tied)
        _require_probabilities(self, *(f"dropout_{place}" for place in ("input", "attention", "hidden", "output")))


def _require_sizes(config: ModelConfig, *keys: str) -> None:
    for key in keys:
        require(getattr(config, key) >= 1, f"model.{key}", getattr(config, key), "at least 1 is needed")
    _require_most(config, *keys)


def _require_most(config: ModelConfig, *keys: str) -> None:
    for key in keys:
        value = getattr(config, key)
        require(
            value is None or value <= MAX_SIZES[key], f"model.{key}", value, f"at most {MAX_SIZES[key]:,} is possible"
        )


def _require_probabilities(config: ModelConfig, *keys: str) -> None:
    for key in keys:
        value = getattr(config, key)
        require(0 <= value < 1, f"model.{key}", value, "a probability from 0 to below 1 is needed")


def _require_lengths(lengths: list[int] | None) -> None:
    valid = lengths is None or (len(lengths) == 2 and 1 <= lengths[0] <= lengths[1] <= 20)
    allowed = "the shortest and the longest n-gram, from 1 to 20 characters, or null, are needed"
    require(valid, "model.subword_lengths", lengths, allowed)


def _require_cutoffs(cutoffs: list[int] | None, *, tied: bool) -> None:
    if cutoffs is None:
        return
    valid = bool(cutoffs) and cutoffs[0] >= 1 and cutoffs == sorted(set(cutoffs))
    require(valid, "model.adaptive_cutoffs", cutoffs, "ids above 0, each above the one before, or null, are needed")
    allowed = f"each cluster has a quarter of the features of the one before: give at most {MAX_CUTOFFS} ids"
    require(len(cutoffs) <= MAX_CUTOFFS, "model.adaptive_cutoffs", cutoffs, allowed)
    require(not tied, "model.tied", tied, "an adaptive softmax has weights of its own; set model.tied=false")
