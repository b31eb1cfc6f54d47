"""Personal data that is found in a raw text: its kinds, its places, and that nothing is found twice."""

from dataclasses import replace

from halo.config import CleaningConfig
from halo.corpus.cleaning.personal_data import PLACEHOLDER_STEPS, find_personal_data, further_placeholders
from halo.corpus.cleaning.pipeline import clean


def found(text: str) -> list[tuple[str, str]]:
    return [(kind, text[start:end]) for kind, start, end in find_personal_data(text)]


def test_kinds_and_places() -> None:
    text = "See https://who.int/a or nature.com, mail ann@example.org, call +44 20 7946 0958, ask @reader."
    assert found(text) == [
        ("url", "https://who.int/a"),
        ("url", "nature.com"),
        ("email", "ann@example.org"),
        ("phone", "+44 20 7946 0958"),
        ("handle", "@reader"),
    ]


def test_each_step_leaves_the_others_what_they_find() -> None:
    text = (
        "DOB 03/04/1956, MRN 0044713, 12 Elm Street, Boston, MA 02118; IBAN DE89 3704 0044 0532 0130 00, "
        "10.0.0.7, 020 7946 0958"
    )
    assert found(text) == [
        ("date", "03/04/1956"),
        ("id", "0044713"),
        ("street", "12 Elm Street"),
        ("postcode", "02118"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("ip", "10.0.0.7"),
        ("phone", "020 7946 0958"),
    ]
    assert [kind for kind, _, _ in find_personal_data(text, steps=["ips"])] == ["ip"]


def test_what_is_found_is_what_cleaning_replaces() -> None:
    text = "Born 3/4/56, 12 Elm Street; pay DE89370400440532013000 or call 020 7946 0958 from 10.0.0.7."
    rules = CleaningConfig(steps=list(PLACEHOLDER_STEPS), case="keep", numbers="keep", keep_characters=None)
    replaced = text
    for kind, start, end in reversed(find_personal_data(text)):
        replaced = f"{replaced[:start]}<{kind}>{replaced[end:]}"
    assert clean(text, rules) == replaced
    assert clean(text.upper(), replace(rules, case="lower")).count("<") == replaced.count("<") - 1  # ELM STREET


def test_only_what_a_step_puts_in_is_a_placeholder() -> None:
    rules = CleaningConfig(steps=["html", "urls"], case="keep", numbers="keep", keep_characters=None)
    assert further_placeholders(rules) == {}
    assert further_placeholders(replace(rules, steps=["dates"], patterns={"ward": "w"})).keys() == {"date", "ward"}


def test_nothing_personal() -> None:
    assert found("") == found("R0 was 2.5 in 2020, and node.js 12.1 is old") == []
