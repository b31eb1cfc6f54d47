"""Settings of `halo.classify`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import (
    OPTIONS,
    Allowed,
    Count,
    CountFromZero,
    Divisor,
    Fraction,
    NonNegative,
    PathText,
    Positive,
    Probability,
    Size,
)
from halo.config.training import RunConfig
from halo.runtime.errors import require


@dataclass(config=OPTIONS)
class AdaptationConfig:
    """Settings of how a given language model is adapted to the text before the classifier is trained."""

    epochs: Annotated[Literal["auto"] | CountFromZero, Allowed("auto, or a whole number of at least 0")] = Field(
        description="Passes over the training text. auto: 3, or 0 if the language model has the vocabulary of this text"
        " already, because it was trained on it.",
    )
    lr: Positive = Field(description="Highest learning rate, in place of that of the optimizer.")


@dataclass(config=OPTIONS)
class ClassifierConfig:
    """Settings of the classifier and of its training (Howard and Ruder 2018)."""

    epochs: Count = Field(description="Passes over the labelled training documents.")
    batch_size: Count = Field(description="Documents of a batch, at most.")
    lr: Positive = Field(description="Highest learning rate of the head.")
    layer_divisor: Divisor = Field(
        description="The learning rate of each layer group of the language model is that of the group above it, divided"
        " by this (discriminative fine-tuning). 1: the same for all.",
    )
    gradual_unfreezing: bool = Field(
        description="Whether the first epoch trains the head only, and each further epoch one more layer group, from "
        "the top. false: all from the start.",
    )
    warmup_fraction: Fraction = Field(
        description="Share of the steps in which the learning rate rises, before it falls for the rest of them "
        "(slanted triangular schedule).",
    )
    lr_ratio: Divisor = Field(description="The highest learning rate of the schedule, divided by the lowest.")
    weight_decay: NonNegative = Field(description="Weight decay of AdamW; biases and norms are not decayed.")
    gradient_clip: Positive | None = Field(description="Norm to which the gradient is scaled down. null: no clipping.")
    head_hidden: Size | None = Field(
        description="Units between the two layers of the head. null: a single linear layer.",
    )
    head_dropout: Probability = Field(description="Dropout before each layer of the head.")
    encoder_dropout: Annotated[float, Field(strict=True, ge=0, le=1)] = Field(
        description="Share of the language model's own dropout that is kept while the classifier is trained.",
    )
    word_dropout: Probability = Field(description="Share of the words that are replaced by <unk> in training.")
    label_smoothing: Probability = Field(
        description="Share of the target's probability that is spread over all labels in the training loss.",
    )
    class_weights: Literal["none", "balanced"] = Field(
        description="Weight of a document in the training loss. balanced: documents / (labels x documents of its "
        "label), so that all labels count alike; none: 1.",
    )
    max_gradient_tokens: Count = Field(
        description="Last tokens of a text through which gradients flow; all tokens are read and pooled.",
    )
    num_labels: Count | None = Field(
        description="Labelled training documents to use, in the proportions of their labels; the language model still "
        "reads all. null: all.",
    )


@dataclass(config=OPTIONS, kw_only=True)
class ClassifyConfig(RunConfig):
    """All settings of `python -m halo.classify`."""

    language_model: PathText | None = Field(
        description="Trained language model to start from: a run folder or a bundle. null: one is trained first, on the"
        " training split, with the settings of halo.train.",
    )
    adaptation: AdaptationConfig = Field(
        description="How a given language model is adapted to the text before the classifier is trained.",
    )
    classifier: ClassifierConfig = Field(description="Classifier, and its training.")
    interpolate_ngrams: bool = Field(
        description="Whether to measure also the classifier mixed with the better one of TF-IDF and NBSVM: a weighted "
        "mean of their log-probabilities, with the weight that validation prefers. Needs the extra classify.",
    )
    learning_curve: bool = Field(
        description="Whether to train classifiers on 10, 30, 100, 300 and so on of the labels as well, and to measure "
        "them beside TF-IDF.",
    )
    folds: Annotated[Count, Field(ge=3), Allowed("a whole number of at least 3, or null")] | None = Field(
        description="Folds of a cross-validation over all labelled documents, for a small text whose test split decides"
        " little: as many classifiers are trained. null: none.",
    )
    page: bool = Field(
        description="Whether to write classification.html, which shows excerpts of the text with the words that "
        "decisions rest on.",
    )

    @model_validator(mode="after")
    def _check_labels(self) -> "ClassifyConfig":
        allowed = "must name a field or column of the text: a classifier needs labels"
        require(self.data.label_field is not None, "data.label_field", "null", allowed)
        return self
