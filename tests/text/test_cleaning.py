"""Cleaning: what stays, what goes, and that cleaning twice is cleaning once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import CleaningConfig
from halo.text.cleaning import clean, paragraphs

KEEP = ".,;:?!'\"()-%£$€°/&"


def rules(case: str = "lower_keep_acronyms") -> CleaningConfig:
    return CleaningConfig(case=case, keep_characters=KEEP)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("COVID-19 and SARS-CoV-2", "COVID-19 and SARS-CoV-2"),
        ("The mRNA, SpO2 and R0 of It", "the mRNA, SpO2 and R0 of it"),
        ("1.5, 1,200, 95% and £4m", "1.5, 1,200, 95% and £4m"),
        ("Non-PCR tests; the WHO's U.S. office", "non-PCR tests; the WHO's U.S. office"),
        ("“Quoted” ‘text’, it’s", "\"quoted\" 'text', it's"),
        ("10–14 days—or more -- maybe…", "10-14 days - or more - maybe..."),
        ("−5 °C", "-5 °C"),
        ("a*b #tag @name ~ | <b> 😀 ______", "a b tag name b"),
        ("café nai\u0308ve", "café naïve"),
        ("zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"),
        ("tabs\tand\u00a0no-break  spaces", "tabs and no-break spaces"),
        ("one\r\nline\r\n\r\n\r\nNext paragraph", "one line\n\nnext paragraph"),
        ("   \n\n ", ""),
    ],
)
def test_what_stays_and_what_goes(raw: str, cleaned: str) -> None:
    assert clean(raw, rules()) == cleaned


@pytest.mark.parametrize(
    ("case", "cleaned"), [("keep", "The PCR Test"), ("lower", "the pcr test"), ("lower_keep_acronyms", "the PCR test")]
)
def test_case_policies(case: str, cleaned: str) -> None:
    assert clean("The PCR Test", rules(case)) == cleaned


@given(st.text(), st.sampled_from(["keep", "lower", "lower_keep_acronyms"]))
def test_cleaning_is_idempotent(text: str, case: str) -> None:
    once = clean(text, rules(case))
    assert clean(once, rules(case)) == once


@given(st.text(alphabet="aB1.-–—'\u0301\u0308\u200b*_° \n\r\tİẞ"))
def test_cleaning_is_idempotent_on_awkward_characters(text: str) -> None:
    once = clean(text, rules())
    assert clean(once, rules()) == once


@given(st.text())
def test_paragraphs_hold_no_line_breaks_and_no_margins(text: str) -> None:
    for paragraph in paragraphs(text):
        assert paragraph == " ".join(paragraph.split())
        assert paragraph
