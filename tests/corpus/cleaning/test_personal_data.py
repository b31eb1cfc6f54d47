"""Personal data that is found in a raw text: its kinds, its places, and that nothing is found twice."""

from halo.corpus.cleaning.personal_data import find_personal_data


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


def test_nothing_personal() -> None:
    assert found("") == found("R0 was 2.5 in 2020, and node.js 12.1 is old") == []
