"""Detokenization: text reads as it did before it was tokenized, and terminals are safe."""

import pytest

from halo.config import CLEANING_STEPS, CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import paragraphs
from halo.tokenization.detokenizer import for_terminal, join_tokens, sentences
from tests.conftest import data_config
from tests.support.reading import read_documents
from tests.tokenization.test_tokenizer import KEEP, WORD


def test_sentences_join_to_the_paragraph() -> None:
    paragraph = 'one. "two?" three! (four.) e.g. five'
    assert " ".join(sentences(paragraph)) == paragraph
    assert sentences(paragraph) == ["one.", '"two?"', "three!", "(four.)", "e.g.", "five"]


def test_control_characters_but_line_feeds_are_replaced() -> None:
    assert for_terminal("a\x1b]0;title\x07\n\tb\ud800") == "a\ufffd]0;title\ufffd\n\ufffdb\ufffd"


WELL_SET = {
    "numbers": [
        "95% of £4m, at 6:30 p.m.; 3 or 4?",
        "the p = .05 level (p = .001), r = -.32, a .22 rifle, $.50 and -.5.",
        "1,000 at 3.5% for $5, €5, 5 €, 5€, US$5, A$5.50, -$5, ¥100, 100 ₽ or $5-$10.",
        "10^5, 10^-6, 10⁻⁶ m, 5 cm⁻¹, 2×10^-6, 1e-5, 1e+5, CO₂, ½ m².",
        "±0.3, 37.5 ± 0.3, p < 0.05, <0.05, age ≥65, ≥ 65, ≈3, ~5, +5, (−5), 65+.",
        "between -80 and -60 °C, 98.6 °F, 45° N, 5′ 10″, 1990–2000, 5%-10%, 100 %, 3‰, §5 and § 5.",
        "2020-03-11, 10:30, 3:1, 1.2.3.4, 24/7, 1/2, 5 × 3 ÷ 2 ≠ 7, 2 * 3 * 4, 1920×1080.",
    ],
    "abbreviations": [
        "a Ph.D. and a B.Sc. (or M.Phil.), two Ph.D.s, a Ph.D student.",
        "e.g. the U.S., the U.S.-led, non-U.S. and U.S.'s; i.e., at 5 p.m., z.B. heute, J.R.R. Tolkien.",
        "he lives at 10 Downing St., London; Dr. Smith vs. Mr. X, etc.",
        ".NET code, C++ and C#, AT&T, R&D, r&d, Q&A and/or N/A, km/h, w/o.",
        "no. #1 in x_1 and snake_case, __init__ @ home ~ 5 = 3 + 2, @user, #tag.",
        "the patient(s) and word(s), f(x) and P(A), (a) first, [1] third, {x}.",
        "Brand™ and Name® © 2020, 2 & 3, a | b, x <= 5 && y != 3, z -> w, 😂 and 👩‍👩‍👧 ❤️.",
        "https://who.int/a?b=c or user@example.com, (a@b.org).",
    ],
    "apostrophes": [
        "the '90s, '60s music, '21 and ’90s.",
        "'tis rock 'n' roll; Guns 'n' Roses, fish 'n' chips, rock'n'roll.",
        "keep 'em, 'cause it's o'clock, y'all, O'Neill's, aujourd'hui, l'homme.",
        "a 'quoted' word, the doctors' strike, and 'another'.",
    ],
    "quotations": [
        'he said: "no (not now)", and left.',
        '"one" and "two".',
        "the end of another's words.\"",
        "he said: \"she told me: 'no way' and left.\"",
        "'quoted \"inside\" it' and more.",
        "„Guten Tag“, sagte er. »Ja«, sagte sie. ‚So‘ ist es.",
        "«слово» и “word” and ‘single’ and it’s „so”.",
        "”Hej”, sade han.",
        "Et vous, où est-il ? « Il ne sait pas », dit-elle : « oui ! »",
        "see <data not shown> or (<Table 1>), and a < b and c > d.",
        "a * b, *emphasis* here, _and there_, **bold** and `code`.",
    ],
    "marks": [
        "wait... what?! no!! really?? CONVENER: ...so it is.",
        '...and then it ended... "...he said".',
        "the WHO's e-mail - sent in 1,200 copies...",
        "one -- two - three — four – five.",
        "keep two- or threefold, pre- and post-war (mid- to late-1990s).",
        "see <url>, (<email>) or <phone>; £<number> or <number>%.",
        "A: yes :) and B: no.",
    ],
    "scripts": [
        "他说：“你好吗？”我很好。2020年3月，使用Python编程！",
        "ラーメンを食べる。「はい」と言った。",
        "¿Qué pasa? ¡No! dijo: ¿sí?",
        "كيف حالك؟ نعم، بخير؛ شكرا.",
        "यह है। वह नहीं॥",
        "می‌خواهم بروم، باشد؟",
        "ไทย ราคา100บาท ดี",
        "የሰላም፡ቃል። ደህና፣ እሺ",
        "Ինչո՞ւ եկար։",
        "Привет, мир! Это — тест.",
        "안녕하세요, 세계! 나는 간다.",
        'שלום, עולם! צה"ל?',
        "col·lecció, Straße, ñandú, naïve, COVID‑19.",
    ],
}


@pytest.mark.parametrize("text", [text for texts in WELL_SET.values() for text in texts])
def test_joined_tokens_read_as_the_text_did(text: str) -> None:
    assert join_tokens(WORD.tokens(text)) == text


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["50", "°C", ",", "5", "°"], "50 °C, 5°"),
        (['"', "no", '"', "and", '"'], '"no" and"'),
        ([")", "(", "”", "»", "’", "*", "_", "<", ">"], ") (”»’ * _< >"),
        (["", "a"], " a"),
        ([], ""),
    ],
)
def test_any_tokens_can_be_joined(tokens: list[str], text: str) -> None:
    assert join_tokens(tokens) == text


@pytest.mark.slow
def test_of_the_bundled_corpus_nearly_all_sentences_read_as_they_did() -> None:
    rules = CleaningConfig(list(CLEANING_STEPS), case="lower_keep_acronyms", numbers="keep", keep_characters=KEEP)
    cleaned = [clean(document.text, rules) for document in read_documents(data_config())]
    found = [sentence for text in cleaned for paragraph in paragraphs(text) for sentence in sentences(paragraph)]
    assert len(found) > 15_000
    same = sum(join_tokens(WORD.tokens(sentence)) == sentence for sentence in found)
    assert same / len(found) >= 0.999
