"""The requests and responses of the endpoints below /api, as the OpenAPI document describes them.

A field that is null or left out has the default of the server's settings. Types are strict: "5" is no number.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MAX_NEXT_WORDS = 500
MAX_ALTERNATIVES = 50

ModelId = Annotated[str | None, Field(description="Id of the model, as /api/models lists it; null: the first one.")]


class Fields(BaseModel):
    """The fields of a request; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())

    model: ModelId = None


class SamplingFields(Fields):
    """How words are drawn, as the settings of `halo.generate`."""

    text: str = Field(
        default="", description="The text so far; empty: the beginning of a text.", examples=["the patients"]
    )
    temperature: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="Divides the logits: below 1 safer, above 1 more random, 0 always the likeliest word."
    )
    top_k: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Draw only from the k likeliest words. 0: no limit."
    )
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None,
        description="Draw only from the fewest words that hold this share of the probability. 1: no limit.",
    )
    min_p: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None,
        description="Draw only from words with this share of the likeliest one's probability. 0: no limit.",
    )
    typical_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None,
        description="Draw only from this share of the probability around the expected surprisal. 1: no limit.",
    )
    repetition_penalty: Annotated[float, Field(ge=1, le=10)] | None = Field(
        default=None, description="Raises the probability of the last words to this power. 1: no penalty."
    )
    no_repeat_ngram: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Length of the sequences of words that occur only once in a text. 0: no limit."
    )

    def sampling(self) -> dict[str, Any]:
        """Returns the settings of sampling that are given, by name."""
        given = self.model_dump(exclude_none=True)
        return {name: given[name] for name in SAMPLING_NAMES if name in given}


SAMPLING_NAMES = ("num_words", "seed", *(name for name in SamplingFields.model_fields if name not in ("model", "text")))
"""The fields of a request that are settings of sampling."""


class NextFields(SamplingFields):
    """Asks for the words that may come next."""

    k: Annotated[int, Field(ge=1, le=MAX_NEXT_WORDS)] = Field(
        default=20, description="Number of words, the likeliest first."
    )


class NextWord(BaseModel):
    """A word that may come next.

    `probability` is the model's, `sampled_probability` that with which it is drawn under the settings of sampling.
    """

    word: str
    probability: float
    bits: float = Field(description="Surprisal, -log2 of the probability.")
    sampled_probability: float


class NextWords(BaseModel):
    """The words that may come next, before and after the settings of sampling."""

    words: list[NextWord]
    entropy_bits: float = Field(description="Expected surprisal of the next word under the model.")
    sampled_entropy_bits: float = Field(description="The same under the settings of sampling.")


class GenerateFields(SamplingFields):
    """Asks for words that continue a text."""

    num_words: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Number of words.")
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = Field(
        default=None, description="The same seed, text and settings give the same words."
    )
    num_alternatives: Annotated[int, Field(ge=0, le=MAX_ALTERNATIVES)] = Field(
        default=10, description="Number of the likeliest words that are shown for each word."
    )


class ScoreFields(Fields):
    """Asks for the surprisal of each word of a text."""

    text: str = Field(description="The text.", examples=["The patients were given the vaccine."])
    num_alternatives: Annotated[int, Field(ge=0, le=MAX_ALTERNATIVES)] = Field(
        default=5, description="Number of the likeliest words that are shown for each word."
    )


class Alternative(BaseModel):
    """A word that was likely in a place."""

    word: str
    probability: float


class ScoredWord(BaseModel):
    """A word of a text as it stands there, and how unexpected it was."""

    text: str
    start: int = Field(description="Index of its first character in the text.")
    end: int = Field(description="Index after its last character.")
    bits: float = Field(description="Surprisal, -log2 of its probability given the words before it.")
    entropy_bits: float = Field(description="Expected surprisal before it was read.")
    rank: int = Field(description="1: it was the likeliest word.")
    probability: float
    is_known: bool = Field(description="Whether it is in the vocabulary; otherwise the figures are those of <unk>.")
    alternatives: list[Alternative]


class ScoredWords(BaseModel):
    """The surprisal of each word of a text."""

    words: list[ScoredWord]
    bits_per_word: float
    perplexity: float = Field(description="exp of the mean negative log-likelihood of a token of the model, in nats.")


class SeenFields(Fields):
    """Asks which passages of a text stand in the training text of the model."""

    text: str = Field(description="The text.", examples=["The patients were given the vaccine."])
    min_words: Annotated[int, Field(ge=2, le=100)] = Field(default=5, description="Words that a passage has at least.")


class SeenSpan(BaseModel):
    """A passage that stands in the training text word for word, as long as possible."""

    start: int = Field(description="Index of its first character in the text.")
    end: int = Field(description="Index after its last character.")
    words: int = Field(description="Number of its words.")


class SeenSpans(BaseModel):
    """The passages of a text that stand in the training text of the model."""

    spans: list[SeenSpan]


class ModelEntry(BaseModel):
    """A model of this server."""

    id: str
    architecture: str
    parameters: int = Field(description="Number of weights.")
    vocabulary: int = Field(description="Number of words it knows.")
    has_training_text: bool = Field(description="Whether /api/seen can look into its training text.")
    beginnings: list[str] = Field(description="Frequent beginnings of its training text, to start from.")


class ClassifierEntry(BaseModel):
    """A classifier of this server."""

    id: str
    architecture: str
    parameters: int = Field(description="Number of weights.")
    vocabulary: int = Field(description="Number of words it knows.")
    labels: list[str]


class Limits(BaseModel):
    """What a request may ask for at most."""

    max_characters: int
    max_words: int


class ModelList(BaseModel):
    """The models of this server, the defaults of sampling, and the limits."""

    models: list[ModelEntry]
    classifiers: list[ClassifierEntry]
    sampling: dict[str, float | int]
    limits: Limits


class Card(BaseModel):
    """The model card."""

    markdown: str


class Health(BaseModel):
    """The state of the server."""

    status: str
    models: int = Field(description="Number of models, classifiers included.")
    requests: int = Field(description="Number of requests that are worked on.")
