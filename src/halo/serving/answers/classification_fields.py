"""The requests and responses of /v1/classify, as the OpenAPI document describes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from halo.serving.answers.fields import Fields

MAX_TEXTS = 256
MAX_EXPLAINED_WORDS = 500
"""Words of a text that is explained: each of them is left out in turn."""


class ClassifyFields(Fields):
    """Asks for the label of one text or several."""

    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_TEXTS)] = Field(
        description="A text, or several.", examples=["what a wonderful film"]
    )
    explain: bool = Field(
        default=False,
        description=f"Whether to say what each word adds; for texts of up to {MAX_EXPLAINED_WORDS} words.",
    )


class ClassifiedWord(BaseModel):
    """A word of a text as it stands there, and how much it tells for the label."""

    text: str
    start: int = Field(description="Index of its first character in the text.")
    end: int = Field(description="Index after its last character.")
    weight: float = Field(
        description="By how much the log-odds of the label fall without the word; below 0: it tells against it."
    )


class ClassifiedText(BaseModel):
    """The label of a text."""

    index: int = Field(description="Number of the text, from 0.")
    label: str
    probability: float
    probabilities: dict[str, float] = Field(description="The probability of each label; they sum to 1.")
    words: list[ClassifiedWord] | None = Field(description="What each word adds; null where that was not asked for.")


class ClassifiedTexts(BaseModel):
    """The labels of all texts of a request."""

    object: Literal["list"] = "list"
    model: str
    data: list[ClassifiedText]
