"""What the cards of a model and of its text say beside the figures; nobody but the user can know it."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from halo.config.fields import OPTIONS, Allowed, NonEmpty, NonNegative, Positive

_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_LanguageCode = Annotated[str, Field(strict=True, pattern=_LANGUAGE)]

Licence = Annotated[
    Annotated[str, Field(strict=True, pattern=r"^[a-z0-9][a-z0-9.-]*$")] | None,
    Allowed("an identifier in lower case as model hubs have them, such as apache-2.0, mit or cc-by-4.0, or null"),
]
Languages = Annotated[
    _LanguageCode | Annotated[list[_LanguageCode], Field(min_length=1)] | None,
    Allowed("a language code such as en, a list of codes, or null"),
]
DatasetName = Annotated[
    Annotated[str, Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)?$")] | None,
    Allowed("a name of letters, digits, points, hyphens and _, such as owner/name, or null"),
]


def _require_pairs(swaps: dict[str, list[str]]) -> dict[str, list[str]]:
    for pair in (pair for pairs in swaps.values() for pair in pairs):
        if not re.fullmatch(r"[^\s/]+/[^\s/]+", pair) or len({*pair.split("/")}) < 2:
            raise PydanticCustomError("swaps", "no pair")
    return swaps


Swaps = Annotated[
    dict[NonEmpty, Annotated[list[str], Field(min_length=1)]],
    AfterValidator(_require_pairs),
    Allowed("names, and the pairs of two different words of each: {pronouns: [er/sie, ihm/ihr]}"),
]


@dataclass(config=OPTIONS, kw_only=True)
class DataCardConfig:
    """What the data card says beside the figures."""

    data_license: Licence = Field(
        description="Licence of the text, as hubs spell it: cc-by-4.0, cc0-1.0, other, ... null: that of the bundled "
        "corpus, else not stated.",
    )
    language: Languages = Field(
        description="Language of the text, as a code such as en, or a list of codes. null: that of the bundled corpus, "
        "else not stated.",
    )
    dataset: DatasetName = Field(
        description="Name of the text, as on a hub. null: a name if the text is a public one, else not stated.",
    )
    contact: NonEmpty | None = Field(description="Whom questions and objections go to. null: not stated.")


@dataclass(config=OPTIONS, kw_only=True)
class CardConfig(DataCardConfig):
    """What the cards of a model and of its text say beside the figures."""

    license: Licence = Field(
        description="Licence of the model, as hubs spell it: apache-2.0, mit, other, ... null: that of the bundled "
        "corpus, else not stated.",
    )
    watts: Positive | None = Field(
        description="Power of the processor under load in watts, all its cores together, of which the run counts its "
        "share; on a GPU that of one board. null: the processor's own counter where it can be read, else 12 W a core; "
        "on a GPU the energy is not stated.",
    )
    carbon_intensity: NonNegative | None = Field(
        description="Carbon intensity of the electricity, in grams of CO2 equivalents per kWh. null: emissions are not "
        "stated.",
    )
    swaps: Swaps = Field(
        description="Words that are swapped to measure what the model expects, by a name of your own: "
        "{pronouns: [er/sie, ihm/ihr]}. With none, English pronouns and first names, unless card.language is another "
        "language.",
    )
