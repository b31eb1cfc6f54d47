"""Settings of the architectures."""

from dataclasses import dataclass

from halo.errors import require


@dataclass
class ModelConfig:
    """The architecture; `name` selects the class."""

    name: str


@dataclass
class LSTMConfig(ModelConfig):
    """Settings of `halo.models.lstm.LanguageModel`.

    Attributes:
        embedding: Size of the word vectors.
        hidden: Units of each layer.
        layers: Number of layers.
        tied: Whether the output shares the word vectors; a linear projection stands between where sizes differ.
        dropout_input: Dropout on the word vectors.
        dropout_hidden: Dropout between layers.
        dropout_output: Dropout before the output.
    """

    embedding: int
    hidden: int
    layers: int
    tied: bool
    dropout_input: float
    dropout_hidden: float
    dropout_output: float

    def __post_init__(self) -> None:
        for key in ("embedding", "hidden", "layers"):
            require(getattr(self, key) >= 1, f"model.{key}", getattr(self, key), "at least 1 is needed")
        for key in ("dropout_input", "dropout_hidden", "dropout_output"):
            value = getattr(self, key)
            require(0 <= value < 1, f"model.{key}", value, "a probability from 0 to below 1 is needed")
