"""Settings of the architectures."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from halo.config.custom import CustomModelConfig, variant_of
from halo.config.fields import OPTIONS, Allowed, NonNegative, Probability, Size
from halo.runtime.errors import require

MAX_CUTOFFS = 10

Layers = Annotated[int, Field(strict=True, ge=1, le=100)]
EnsembleSize = Annotated[int, Field(strict=True, ge=1, le=1000)]
MogrifierRounds = Annotated[int, Field(strict=True, ge=0, le=100)]
_NgramLength = Annotated[int, Field(strict=True, ge=1, le=20)]
SubwordLengths = Annotated[
    Annotated[list[_NgramLength], Field(min_length=2, max_length=2)] | None,
    Allowed("the shortest and the longest n-gram, from 1 to 20 characters, or null"),
]
_Cutoff = Annotated[int, Field(strict=True, ge=1)]
Cutoffs = Annotated[
    Annotated[list[_Cutoff], Field(min_length=1, max_length=MAX_CUTOFFS)] | None,
    Allowed(f"up to {MAX_CUTOFFS} increasing ids above 0, or null"),
]

_TIED = "Whether the output layer shares the word vectors."
_SUBWORDS = (
    "Shortest and longest character n-grams whose vectors are added to those of the words (Bojanowski et al. 2017). "
    "null: no n-grams."
)
_CUTOFFS = (
    "Ids at which the clusters of rarer words begin in an adaptive softmax (Grave et al. 2017), such as [2000, 10000]; "
    "for large vocabularies, with model.tied=false. null: a full softmax."
)


@dataclass(config=OPTIONS)
class ModelConfig:
    """Settings that every architecture has."""

    name: str = Field(description="Name of the architecture.")
    ensemble_size: EnsembleSize = Field(
        description="Number of networks trained independently, whose probabilities are averaged. Time and memory grow "
        "in proportion.",
    )
    init_bias_from_unigram: bool = Field(
        description="Whether the output bias starts as the log frequency of each training word, so that the untrained "
        "model is a unigram model. false: a uniform model. Without effect on an adaptive softmax.",
    )


@dataclass(config=OPTIONS)
class RecurrentConfig(ModelConfig):
    """Settings of `halo.models.recurrent.RecurrentModel`."""

    name: Literal["lstm", "awd_lstm", "gru"] = Field(description="Name of the architecture.")
    cell: Literal["lstm", "gru"] = Field(description="Type of the recurrent cells.")
    embedding: Size = Field(description="Size of the word vectors.")
    hidden: Size = Field(description="Units of each recurrent layer.")
    last_hidden: Size | None = Field(description="Units of the last layer. null: the same as model.hidden.")
    layers: Layers = Field(description="Number of recurrent layers.")
    mogrifier_rounds: MogrifierRounds = Field(
        description="How many times a layer's input and previous output gate each other before they enter the cell "
        "(Mogrifier LSTM, Melis et al. 2020): 0 (off) to about 6. More rounds learn more from the same text; the time "
        "is at least 1.5 times that of a plain LSTM.",
    )
    tied: bool = Field(description=f"{_TIED} A linear projection is inserted if sizes differ.")
    subword_lengths: SubwordLengths = Field(description=_SUBWORDS)
    adaptive_cutoffs: Cutoffs = Field(description=_CUTOFFS)
    pointer_tokens: Size | None = Field(
        description="Number of preceding tokens whose words a pointer can predict, trained with the model. null: no "
        "pointer.",
    )
    dropout_embedding: Probability = Field(description="Dropout of whole words, wherever they occur in a window.")
    dropout_input: Probability = Field(description="Dropout of the word vectors.")
    dropout_hidden: Probability = Field(description="Dropout between layers.")
    dropout_output: Probability = Field(description="Dropout before the output layer.")
    dropout_weights: Probability = Field(description="Dropout of the recurrent weights (DropConnect).")
    activation_regularisation: NonNegative = Field(
        description="Weight in the loss of the mean square of the last layer's outputs (AR).",
    )
    temporal_activation_regularisation: NonNegative = Field(
        description="Weight in the loss of the mean square of their change from token to token (TAR).",
    )

    @model_validator(mode="after")
    def _check(self) -> "RecurrentConfig":
        fits = self.mogrifier_rounds == 0 or self.cell == "lstm"
        require(fits, "model.mogrifier_rounds", self.mogrifier_rounds, "must be 0 unless model.cell=lstm")
        _check_lists(self.subword_lengths, self.adaptive_cutoffs, tied=self.tied)
        return self


@dataclass(config=OPTIONS)
class TransformerConfig(ModelConfig):
    """Settings of `halo.models.transformer.TransformerModel`."""

    name: Literal["transformer"] = Field(description="Name of the architecture.")
    embedding: Size = Field(
        description="Size of the word vectors and of each layer's input and output; a multiple of 2 x model.heads.",
    )
    hidden: Size = Field(description="Units of each feed-forward block.")
    layers: Layers = Field(description="Number of layers.")
    heads: Size = Field(description="Attention heads of each layer, with embedding / heads features each.")
    context: Size = Field(
        description="Number of preceding tokens that a token attends to in each layer, across windows.",
    )
    tied: bool = Field(description=_TIED)
    subword_lengths: SubwordLengths = Field(description=_SUBWORDS)
    adaptive_cutoffs: Cutoffs = Field(description=_CUTOFFS)
    dropout_input: Probability = Field(description="Dropout of the word vectors.")
    dropout_attention: Probability = Field(description="Dropout of the attention weights.")
    dropout_hidden: Probability = Field(
        description="Dropout of what attention and feed-forward blocks add to their input.",
    )
    dropout_output: Probability = Field(description="Dropout before the output layer.")

    @model_validator(mode="after")
    def _check(self) -> "TransformerConfig":
        fits = self.embedding % (2 * self.heads) == 0
        allowed = f"must be a multiple of 2 x model.heads, with model.heads={self.heads}"
        require(fits, "model.embedding", self.embedding, allowed)
        _check_lists(self.subword_lengths, self.adaptive_cutoffs, tied=self.tied)
        return self


ModelVariant = Annotated[
    Annotated[RecurrentConfig, Tag("RecurrentConfig")]
    | Annotated[TransformerConfig, Tag("TransformerConfig")]
    | Annotated[CustomModelConfig, Tag("CustomModelConfig")],
    Discriminator(variant_of(RecurrentConfig, TransformerConfig, CustomModelConfig)),
]


def _check_lists(lengths: Sequence[int] | None, cutoffs: Sequence[int] | None, *, tied: bool) -> None:
    if lengths is not None:
        allowed = "the first length must not exceed the second"
        require(lengths[0] <= lengths[1], "model.subword_lengths", lengths, allowed)
    if cutoffs is not None:
        increasing = list(cutoffs) == sorted(set(cutoffs))
        require(increasing, "model.adaptive_cutoffs", cutoffs, "must be increasing ids above 0, or null")
        require(not tied, "model.tied", "true", "must be false with model.adaptive_cutoffs: clusters have own weights")
