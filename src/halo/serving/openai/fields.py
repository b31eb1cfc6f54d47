"""The requests of /v1/completions and its responses, as clients of OpenAI's interface send and expect them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_LOGPROBS = 20
MAX_CHOICES = 128
MAX_STOPS = 16


def _require_no_suffix(value: object) -> None:
    if value is not None:
        raise PydanticCustomError("suffix", "is not supported: the model writes from left to right")


def _require_zero(value: float) -> float:
    if value != 0:
        raise PydanticCustomError("penalty", "must be 0; this server has repetition_penalty instead")
    return value


def _require_texts(value: object) -> object:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise PydanticCustomError("prompt", "must be a text or a list of texts; token ids are not supported")
    return value


NoSuffix = Annotated[None, BeforeValidator(_require_no_suffix)]
Zero = Annotated[float, AfterValidator(_require_zero), WithJsonSchema({"type": "number", "const": 0})]
Prompts = Annotated[
    str | Annotated[list[str], Field(min_length=1, max_length=MAX_CHOICES)], BeforeValidator(_require_texts)
]
StopText = Annotated[str, Field(min_length=1, max_length=1000)]


class StreamOptions(BaseModel):
    """What a stream has besides its texts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    include_usage: bool = Field(default=False, description="Whether the last chunk counts tokens.")


class CompletionFields(BaseModel):
    """Asks for texts that continue prompts.

    Fields that this server cannot honour are refused unless they have the value that changes nothing.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())

    model: str = Field(description="Id of the model, as /v1/models lists it.")
    prompt: Prompts = Field(
        default="", description="The text, or several; empty: the beginning of a text.", examples=["the patients were"]
    )
    max_tokens: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Largest number of tokens of each text; 0 only with echo. null: 16."
    )
    temperature: Annotated[float, Field(ge=0, le=100)] | None = Field(
        default=None, description="Divides the logits; 0 always selects the likeliest token. null: 1."
    )
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, description="Draw only from the fewest tokens that hold this share of the probability. null: 1."
    )
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = Field(
        default=None, description="Texts for each prompt. null: 1."
    )
    stream: bool | None = Field(
        default=None, description="Whether the text is sent as it is written, as server-sent events."
    )
    stream_options: StreamOptions | None = Field(default=None, description="Only with stream.")
    logprobs: Annotated[int, Field(ge=0, le=MAX_LOGPROBS)] | None = Field(
        default=None, description="Number of the likeliest tokens whose log-probabilities are shown for each token."
    )
    echo: bool | None = Field(default=None, description="Whether each text begins with its prompt.")
    stop: StopText | Annotated[list[StopText], Field(max_length=MAX_STOPS)] | None = Field(
        default=None, description="Texts at which a text ends; they are not part of it."
    )
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = Field(
        default=None, description="The same seed and prompt give the same text. null: a new one each time."
    )
    best_of: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Must be equal to n: nothing is discarded."
    )
    suffix: NoSuffix = Field(default=None, description="Refused: the model writes from left to right.")
    presence_penalty: Zero | None = Field(default=None, description="Must be 0; use repetition_penalty.")
    frequency_penalty: Zero | None = Field(default=None, description="Must be 0; use repetition_penalty.")
    logit_bias: Annotated[dict[str, float], Field(max_length=0)] | None = Field(
        default=None, description="Must be empty."
    )
    user: str | None = Field(default=None, description="Ignored: requests are not told apart by users.")
    top_k: Annotated[int, Field(ge=0)] | None = Field(default=None, description="Of this server. 0: no limit.")
    min_p: Annotated[float, Field(ge=0, le=1)] | None = Field(default=None, description="Of this server. 0: no limit.")
    typical_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, description="Of this server. 1: no limit."
    )
    repetition_penalty: Annotated[float, Field(ge=1, le=10)] | None = Field(
        default=None, description="Of this server. 1: no penalty."
    )


class Logprobs(BaseModel):
    """The log-probabilities of the tokens of a text, before temperature and limits."""

    tokens: list[str] = Field(description="What each token adds to the text, spaces included.")
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int] = Field(description="Where each token begins in the prompt and the text together.")


class Choice(BaseModel):
    """A text."""

    text: str
    index: int
    logprobs: Logprobs | None = None
    finish_reason: Literal["stop", "length"] | None = None


class Usage(BaseModel):
    """The number of tokens that were read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(BaseModel):
    """The texts that continue the prompts; of a stream, a part of them."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int = Field(description="Seconds since 1970.")
    model: str
    choices: list[Choice]
    usage: Usage | None = None


class OpenAIModel(BaseModel):
    """A model, as OpenAI's clients expect it."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "semblance-halo"


class OpenAIModels(BaseModel):
    """The models of this server, as OpenAI's clients expect them."""

    object: Literal["list"] = "list"
    data: list[OpenAIModel]


def as_sampling(fields: CompletionFields) -> dict[str, Any]:
    """Returns the settings of sampling of a request; what is not given has no effect, as clients expect."""
    neutral = {
        **{"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "typical_p": 1.0},
        "repetition_penalty": 1.0,
    }
    given = {name: getattr(fields, name) for name in neutral}
    return {name: neutral[name] if value is None else value for name, value in given.items()}
