"""Patterns of the user's own: replaced first, each paragraph by itself, and never for ever."""

from dataclasses import replace

import pytest

from halo.config import CleaningConfig
from halo.corpus.cleaning.personal import own_patterns
from halo.corpus.cleaning.personal.own_patterns import find_own
from halo.corpus.cleaning.pipeline import clean, clean_counted, clean_together
from halo.runtime.errors import InputError


def rules(**patterns: str) -> CleaningConfig:
    return CleaningConfig(steps=["emails"], case="lower", numbers="keep", keep_characters=None, patterns=dict(patterns))


def test_a_pattern_is_replaced_before_the_steps_and_counted() -> None:
    cleaned, counts = clean_counted("Ward 7b, case K-123; a@b.org", rules(ward=r"(?i)ward \d\w?", case=r"K-\d+"))
    assert cleaned == "<ward>, case <case>; <email>"
    assert counts.steps["<ward>"] == counts.steps["<case>"] == 1
    assert clean(cleaned, rules(ward=r"(?i)ward \d\w?", case=r"K-\d+")) == cleaned


def test_a_placeholder_alone_is_never_replaced_again() -> None:
    greedy = rules(all=r"\S+")
    assert clean("a@b.org is\n\nit", greedy) == "<all> <all>\n\n<all>"
    assert clean("<all> <email>", greedy) == "<all> <email>"


def test_texts_cleaned_together_stay_apart() -> None:
    config = rules(x=r"[^z]+")
    assert clean_together(["one two", "three"], config)[0] == [clean("one two", config), clean("three", config)]


def test_without_the_pattern_its_placeholder_is_text() -> None:
    assert clean("<ward>", replace(rules(), steps=["html"])) == "<ward>"


def test_a_pattern_that_takes_too_long_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_patterns, "MAX_SECONDS", 0.05)
    with pytest.raises(InputError, match=r"data\.cleaning\.patterns\.slow=\(\?:a\|aa\)\+\$: takes more than 0\.05 s"):
        find_own("a" * 60 + "b", "slow", "(?:a|aa)+$", internal="")


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"ward": "("}, r"data\.cleaning\.patterns\.ward=\(: must be a regular expression: missing \)"),
        ({"ward": "a*"}, r"patterns\.ward=a\*: must not match an empty text"),
        ({"email": "x"}, r"patterns\.email=x: <email> is taken"),
        ({"unk": "x"}, r"<unk> is taken"),
        ({"My Ward": "x"}, r"patterns\.My Ward=x: a name has lower-case letters"),
        ({"ward": "(?:a|aa)+$"}, r"takes too long on some texts"),
        ({f"n{number}": "x" for number in range(17)}, r"patterns \(number\)=17: must be at most 16"),
    ],
)
def test_unusable_patterns_are_one_line(patterns: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        rules(**patterns)
    assert "\n" not in str(caught.value.errors()[0]["ctx"]["error"])  # type: ignore[attr-defined]
