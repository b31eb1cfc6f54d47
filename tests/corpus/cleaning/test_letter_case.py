"""Letter case: the policies, and the words that keep their capitals."""

import pytest

from halo.corpus.cleaning.letter_case import CapitalisedWords, apply_case, count_changed_words
from halo.corpus.cleaning.pipeline import clean
from tests.corpus.cleaning.test_pipeline import rules


@pytest.mark.parametrize(
    ("text", "lowered", "changed"),
    [
        ("PCR mRNA SpO2 R0 A4 U.S. B.1.1.7", "PCR mRNA SpO2 R0 A4 U.S. B.1.1.7", 0),
        ("AT&T R&D Q&A Smith&Wesson", "AT&T r&d q&a smith&wesson", 3),
        ("It’s Élan, not ÉLAN", "it’s élan, not ÉLAN", 2),
        ("50 °C in May", "50 °C in may", 1),
        ("İstanbul", "istanbul", 1),
    ],
)
def test_acronyms_and_names_with_digits_keep_their_capitals(text: str, lowered: str, changed: int) -> None:
    seen = CapitalisedWords()
    assert apply_case(text, text, case="lower_keep_acronyms", capitalised=seen) == (lowered, changed)
    assert seen.anywhere.total() == changed


def test_changed_words_are_counted() -> None:
    assert count_changed_words("The WHO  says", "the who says") == 2


@pytest.mark.parametrize(
    ("case", "cleaned"), [("keep", "The PCR Test"), ("lower", "the pcr test"), ("lower_keep_acronyms", "the PCR test")]
)
def test_case_policies(case: str, cleaned: str) -> None:
    assert clean("The PCR Test", rules(case)) == cleaned


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("We met Anna, and Anna met Li Wei.", ["Anna", "Anna", "Li", "Wei"]),
        ("It rains. The sun (The one) shines: Now!\n\nThen", []),
        ("in China; China (in Wuhan) and “Wuhan”", ["China", "China", "Wuhan"]),
        ("'Tis Élan", ["Élan"]),
    ],
)
@pytest.mark.parametrize("case", ["lower", "lower_keep_acronyms"])
def test_capitals_within_sentences_are_those_of_names(text: str, within: list[str], case: str) -> None:
    seen = CapitalisedWords()
    apply_case(text, text, case=case, capitalised=seen)
    assert sorted(seen.within_sentences.elements()) == sorted(within)
