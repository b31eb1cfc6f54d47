"""Settings of cards: what hubs would refuse, and pairs of words."""

from typing import Any

import pytest

from halo.config import CardConfig, parse
from halo.config.parsing import command_defaults
from halo.runtime.errors import InputError


def parsed(**given: Any) -> CardConfig:
    return parse({**command_defaults("train")["card"], **given}, CardConfig)


def test_nothing_is_known_by_default() -> None:
    card = parsed()
    assert (card.license, card.data_license, card.language, card.contact, card.watts) == (None,) * 5
    assert card.swaps == {}
    given = parsed(language=["no", "en-GB"], swaps={"pronouns": ["er/sie", "ihm/ihr"]}, watts=65, carbon_intensity=0)
    assert given.swaps["pronouns"] == ["er/sie", "ihm/ihr"]
    assert (given.watts, given.carbon_intensity) == (65, 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"license": "MIT License"}, "license=MIT License: must be an identifier in lower case"),
        ({"data_license": ""}, "data_license"),
        ({"language": "English"}, "language"),
        ({"language": []}, "language"),
        ({"dataset": "my text"}, "dataset=my text: must be a name of letters"),
        ({"watts": 0}, "watts=0: must be a number above 0"),
        ({"carbon_intensity": -1}, "carbon_intensity=-1: must be a number of at least 0"),
        ({"swaps": {"p": ["er"]}}, "swaps"),
        ({"swaps": {"p": ["er/er"]}}, "the pairs of two different words"),
        ({"swaps": {"p": []}}, "swaps"),
    ],
)
def test_what_a_hub_or_a_swap_cannot_use_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        parsed(**given)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
