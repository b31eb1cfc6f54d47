"""Cleaning: what each step changes and counts, and that cleaning twice is cleaning once."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo.config import CLEANING_STEPS, CleaningConfig
from halo.corpus.cleaning.pipeline import clean, clean_counted, clean_together

KEEP = ".,;:?!'\"()-%£$€°/&"


def rules(
    case: Any = "lower_keep_acronyms", numbers: Any = "keep", keep_characters: str | None = KEEP
) -> CleaningConfig:
    return CleaningConfig(steps=list(CLEANING_STEPS), case=case, numbers=numbers, keep_characters=keep_characters)


def only(*steps: str) -> CleaningConfig:
    return CleaningConfig(steps=list(steps), case="keep", numbers="keep", keep_characters="")


def clean_with_counts(text: str, config: CleaningConfig) -> tuple[str, dict[str, int]]:
    """Returns the cleaned text and the changes by each step, as a plain dictionary."""
    cleaned, counts = clean_counted(text, config)
    assert counts.removed.total() == counts.steps["special"]
    return cleaned, dict(counts.steps)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("COVID-19 and SARS-CoV-2", "COVID-19 and SARS-CoV-2"),
        ("The mRNA, SpO2 and R0 of It", "the mRNA, SpO2 and R0 of it"),
        ("1.5, 1,200, 95% and £4m", "1.5, 1,200, 95% and £4m"),
        ("Non-PCR tests; the WHO's U.S. office", "non-PCR tests; the WHO's U.S. office"),
        ("“Quoted” ‘text’, it’s", "\"quoted\" 'text', it's"),
        ("10–14 days—or more -- maybe…", "10-14 days - or more - maybe..."),
        ("ends in 10 –\n\n14 begins", "ends in 10 -\n\n14 begins"),
        ("−5 °C", "-5 °C"),
        ("a*b #tag @ ~ | <unk> 😀 ______", "a b tag unk"),
        ("café nai\u0308ve", "café naïve"),
        ("zero\u200bwidth soft\u00adhyphen \x00nul", "zerowidth softhyphen nul"),
        ("tabs\tand\u00a0no-break  spaces", "tabs and no-break spaces"),
        ("one\r\nline\r\n\r\n\r\nNext paragraph", "one line\n\nnext paragraph"),
        ("half a pair \ud83d of surrogates", "half a pair of surrogates"),
        ("   \n\n ", ""),
    ],
)
def test_what_stays_and_what_goes(raw: str, cleaned: str) -> None:
    assert clean(raw, rules()) == cleaned


@pytest.mark.parametrize(
    ("step", "raw", "cleaned", "count"),
    [
        ("control", "a\u200bb\x07 \ufeffc\td", "ab c d", 3),
        ("unicode", "nai\u0308ve cafe\u0301 x", "naïve café x", 2),
        ("html", "<p>Caf&eacute; &amp;amp; <BR/>x</p>", "Café & x", 6),
        ("html", "a<!-- <b>no</b> -->b<script>var x = 1;</script>c", "a b c", 2),
        (
            "html",
            "<unk> 3 < 5 > 2 AT&T ?a=1&copy=2 &unknown; x <y",
            "<unk> 3 < 5 > 2 AT&T ?a=1&copy=2 &unknown; x <y",
            0,
        ),
        ("html", "<script src='x'>never closed", "never closed", 1),
        ("typography", "“a” – b…", '"a" - b...', 4),
        ("special", "50% off 😀 #x_y", "50 off x y", 4),
        ("urls", "See https://a.org/b?c=1&d, (www.b.org) or who.int/x.", "See <url>, (<url>) or <url>.", 3),
        ("urls", "HTTP://A.B WWW.b.c bbc.co.uk", "<url> <url> <url>", 3),
        ("urls", "in the U.S. e.g. 1.5 B.1.1.7 end.It node.js", "in the U.S. e.g. 1.5 B.1.1.7 end.It node.js", 0),
        ("emails", "to o.b-c+d@mail.example.org, x@y", "to <email>, x@y", 1),
        ("handles", "thanks @Jo_B3, a@b at 5 @ 2", "thanks <handle>, a@b at 5 @ 2", 1),
        ("urls", "the literal <URL> stays one", "the literal <url> stays one", 0),
    ],
)
def test_each_step_alone_and_its_count(step: str, raw: str, cleaned: str, count: int) -> None:
    text, counts = clean_with_counts(raw, only(step))
    assert text == cleaned
    assert counts.get(step, 0) == count
    assert clean(text, only(step)) == text


def test_a_step_that_is_left_out_changes_nothing() -> None:
    raw = "<b>x</b> “y” a@b.org http://c.d @e +44 20 7946 0958 😀"
    assert clean_with_counts(raw, only()) == (raw, {})


def test_several_steps_count_together() -> None:
    raw = "Mail&nbsp;me@x.org\u200b or call 020\n7946 0958 😀"
    expected = {"html": 1, "control": 1, "emails": 1, "phones": 1, "special": 1, "case": 1}
    assert clean_with_counts(raw, rules()) == ("mail <email> or call <phone>", expected)


@pytest.mark.parametrize("steps", [["urls", "html"], ["urls", "urls"], ["url"]])
def test_steps_out_of_order_or_unknown_are_refused(steps: list[str]) -> None:
    with pytest.raises(ValueError, match=r"data\.cleaning\.steps.*control, unicode, html, hyphenation"):
        replace(rules(), steps=steps)


def configurations() -> st.SearchStrategy[CleaningConfig]:
    chosen = st.sets(st.sampled_from(CLEANING_STEPS))
    return st.builds(
        CleaningConfig,
        steps=chosen.map(lambda names: [step for step in CLEANING_STEPS if step in names]),
        case=st.sampled_from(["keep", "lower", "lower_keep_acronyms"]),
        numbers=st.sampled_from(["keep", "digits_to_0", "placeholder"]),
        keep_characters=st.sampled_from([None, None, KEEP, "", ".,", KEEP + "@<>_*"]),
    )


AWKWARD = [
    *"aZ1İẞKſǅHn.,;:-–—'\"()+*_°@/<>&#% \n\r\t😀\u0301\u0308\u0331\u0338\u200b\u037e\ud800\ufdd0\ufdd4",
    *["http://", "www.", ".com", ".org/", "a@b.c", "@bob", "020 7946 0958", "+44 20 7946 0958", "202-555-0143", "12.5"],
    *["&amp;", "&lt;", "&#38;", "&#769;", "&shy;", "<b>", "</b>", "<a ", "<!--", "-->", "<script>", "</script"],
    *["<url>", "<NUMBER>", "<unk>", "B.1.1.7", "COVID-19", "\n\n", "'s", "..."],
    *"´`′″ʻ«»“”−\u00ad\ufe0f\u20e3\u200c\u200d\u2800ی‌ข♀⁻⁶µﬁＡ．ﾞ․",
    *[
        "-\n",
        "``",
        "''",
        "--a",
        " «",
        "» ",
        "🤷🏽\u200d♀\ufe0f",
        "tel ",
        "Amazon.com",
        ".Net",
        "<sup>",
        "</sup>",
        "<i>",
        "</i>",
    ],
    *["<a b=c>", "<mml:msup>", "<mml:mn>5</mml:mn>", "</mml:msup>"],
]


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(AWKWARD), max_size=12).map("".join)), configurations())
def test_cleaning_is_idempotent(text: str, config: CleaningConfig) -> None:
    once = clean(text, config)
    again, counts = clean_with_counts(once, config)
    assert again == once
    assert counts == {}
    once.encode()


ALONE = ("<", "&", "\r", "\ud800", "\ufdd0", "\ufdd4")  # what makes texts be cleaned one by one
JOINABLE = [part for part in AWKWARD if not any(mark in part for mark in ALONE)]


@settings(max_examples=300)
@given(
    st.lists(st.lists(st.sampled_from(JOINABLE), max_size=12).map("".join) | st.text(), min_size=1, max_size=6),
    configurations(),
)
def test_texts_that_are_cleaned_together_are_cleaned_as_each_by_itself(
    texts: list[str], config: CleaningConfig
) -> None:
    cleaned, counts = clean_together(texts, config)
    each = [clean_counted(text, config) for text in texts]
    assert cleaned == [text for text, _ in each]
    assert counts.steps == sum((found.steps for _, found in each), Counter())
    assert counts.removed == sum((found.removed for _, found in each), Counter())


@given(st.binary())
def test_any_bytes_read_as_text_are_cleaned(content: bytes) -> None:
    once = clean(content.decode(errors="surrogateescape"), rules())
    assert clean(once, rules()) == once
