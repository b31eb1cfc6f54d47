"""Typography: quotation marks, dashes and ellipses in their typewriter forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.typography import TYPEWRITER_MARKS, replace_typography


@pytest.mark.parametrize(
    ("text", "plain", "count"),
    [
        ("“a” ‘b’ «c»…", '"a" \'b\' "c"...', 7),
        ("10–14, 10 – 14 and 10—14", "10-14, 10-14 and 10-14", 3),
        ("a – b, a--b and a———b", "a - b, a - b and a - b", 3),
        ("−5 and 3‑fold", "-5 and 3-fold", 2),
        ("a-b - c", "a-b - c", 0),
        ("pip install --upgrade x, 10--14, a -- b", "pip install --upgrade x, 10-14, a - b", 2),
        ("a --> b <-- c ---- d", "a --> b <-- c - d", 1),
        ("at –5 °C, (–5), x=–.5, 5 –10, word –word", "at -5 °C, (-5), x=-.5, 5-10, word - word", 5),
    ],
)
def test_marks_and_dashes_become_plain(text: str, plain: str, count: int) -> None:
    assert replace_typography(text, text) == (plain, count)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("COVID–19, SARS–CoV–2, IL–6, non–ICU", "COVID-19, SARS-CoV-2, IL-6, non-ICU"),
        ("Guillain–Barré, 5%–10%, £5–£10, 2 °C–8 °C", "Guillain-Barré, 5%-10%, £5-£10, 2 °C-8 °C"),
        ("end.–Next, “a”–b, a – b", 'end. - Next, "a" - b, a - b'),
        ("a‐b a‑b a‒b a⁃b a﹘b a﹣b a－b −5", "a-b a-b a-b a-b a-b a-b a-b -5"),
    ],
)
def test_one_hyphen_for_all_that_join_words(text: str, plain: str) -> None:
    assert replace_typography(text, text)[0] == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        *((f"don{mark}t", "don't") for mark in "’‘‛´`ʹʻʼʽ՚′‵＇ꞌ"),
        ("I don´t know if it`s Paul´s.", "I don't know if it's Paul's."),
        ("O′Brien, d′Ivoire, the students′ work, ′90s", "O'Brien, d'Ivoire, the students' work, '90s"),
        ("Hawaiʻi and ʻokina, Rusʹ, Qurʾān, ʿAlī", "Hawai'i and ʻokina, Rus', Qurʾān, ʿAlī"),
        ("5′ 30″, 5′′, 51°30′26″N, a 3′-UTR, f′(x), A′B′", "5′ 30″, 5″, 51°30′26″N, a 3′-UTR, f′(x), A′B′"),
    ],
)
def test_one_apostrophe_and_primes_where_they_are_primes(text: str, plain: str) -> None:
    assert replace_typography(text, text)[0] == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“a” „b“ ‟c” «d» »e« 〝f〞 ＂g＂ ″hm″ ′′in′′", '"a" "b" "c" "d" "e" "f" "g" "hm" "in"'),
        ("‘a’ ‚b‘ ‹c› ›d‹ ′ex′", "'a' 'b' 'c' 'd' 'ex'"),
        ("« bonjour », dit-il. (« non »)", '"bonjour", dit-il. ("non")'),
        ("er sagte »Wort« und ging", 'er sagte "Wort" und ging'),
        ("``double'' and `single'", "\"double\" and 'single'"),
        ("`code`, `a b`, ``c``, ```fence```, `x`s", "`code`, `a b`, ``c``, ```fence```, `x`s"),
    ],
)
def test_quotation_marks_of_all_kinds(text: str, plain: str) -> None:
    assert replace_typography(text, text)[0] == plain


@given(st.text(st.sampled_from("a1 “”‘…–—―-−")))
def test_only_typewriter_marks_are_left(text: str) -> None:
    plain, _ = replace_typography(text, text)
    assert set(plain) <= {*"a1 ", *TYPEWRITER_MARKS}
