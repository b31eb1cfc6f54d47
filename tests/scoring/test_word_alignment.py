"""Every character of a cleaned text belongs to the word of the input that it comes from."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.pipeline import clean
from halo.scoring.word_alignment import WordAligner, find_words
from tests.conftest import data_config

UNTIDY = [
    *("the", "virus", "don't", "(80%)", "state-of-the-art", "1,200.50", "😀", "👩‍🔬", "ﬁnd", "soft\u00adhyphen"),
    *(
        "ＦＵＬＬ",
        "５０％",
        "我喜欢猫。",
        "が",
        "か\u3099",
        "nai\u0308ve",
        "na\u00efve",
        "—",
        "«",
        "»",
        "word—word",
        "vac-",
    ),
    *(
        "020",
        "7946",
        "0958",
        "call",
        "https://example.com/a?b=1",
        "me@example.com",
        "@reader",
        "<b>bold</b>",
        "<!--",
        "-->",
    ),
    *(
        "<p",
        'title="a',
        'b">virus</p>',
        "&amp;",
        "&lt;b&gt;",
        "İstanbul",
        "\u200b",
        "\ufeffmark",
        "...",
        "…",
        "</script>",
    ),
    *("<script>", "U.S.", "x", "10<sup>5</sup>", "\ufdd0", "A\u0301", "ش\u200cم", "``so''", "'", '"'),
]
SPACES = st.sampled_from([" ", "  ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", " \n "])
TEXTS = st.lists(st.tuples(st.sampled_from(UNTIDY), SPACES), max_size=12).map(
    lambda parts: "".join(word + space for word, space in parts)
)


@functools.cache
def aligner() -> WordAligner:
    return WordAligner(lambda text: clean(text, data_config().cleaning))


def owners(text: str) -> dict[str, str]:
    """Returns what each word of a text became."""
    spans = find_words(text)
    cleaned = clean(text, data_config().cleaning)
    found = aligner().align(text, spans, cleaned)
    letters = "".join(cleaned.split())
    assert len(found.owners) == len(letters)
    parts = {f"{index} {text[begin:end]}": "" for index, (begin, end) in enumerate(spans)}
    names = list(parts)
    for owner, letter in zip(found.owners, letters, strict=True):
        parts[names[owner]] += letter
    return {name.partition(" ")[2]: part for name, part in parts.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dog, (80%)!", {"The": "the", "dog,": "dog,", "(80%)!": "(80%)!"}),
        ("hi 😀  there", {"hi": "hi", "😀": "", "there": "there"}),
        ("call 020 7946 0958 now", {"call": "call", "020": "<phone>", "7946": "", "0958": "", "now": "now"}),
        ("a — b—c", {"a": "a", "—": "-", "b—c": "b-c"}),
        (
            "the vac-\ncine, vaccine works",
            {"the": "the", "vac-": "vac", "cine,": "cine,", "vaccine": "vaccine", "works": "works"},
        ),
        ("« oui » non", {"«": '"', "oui": "oui", "»": '"', "non": "non"}),
        ("see https://a.com/b?c now", {"see": "see", "https://a.com/b?c": "<url>", "now": "now"}),
        ("in <!-- the virus --> the air", {"in": "in", "<!--": "", "virus": "", "-->": "", "the": "the", "air": "air"}),
        (
            '<p title="a virus b">virus</p> air',
            {"<p": "", 'title="a': "", "virus": "", 'b">virus</p>': "virus", "air": "air"},
        ),
        ("<b>The virus</b> is", {"<b>The": "the", "virus</b>": "virus", "is": "is"}),
        (
            "ﬁnd nai\u0308ve soft\u00adhy ５０％",
            {"ﬁnd": "find", "nai\u0308ve": "naïve", "soft\u00adhy": "softhy", "５０％": "50%"},
        ),
        ("我喜欢。 ok", {"我": "我", "喜": "喜", "欢": "欢", "。": "", "ok": "ok"}),
    ],
)
def test_each_word_has_what_became_of_it(text: str, expected: dict[str, str]) -> None:
    assert owners(text) == expected


@given(TEXTS)
def test_any_mixture_of_untidy_words_is_aligned(text: str) -> None:
    cleaned = clean(text, data_config().cleaning)
    spans = find_words(text)
    found = aligner().align(text, spans, cleaned)
    assert len(found.owners) == len("".join(cleaned.split()))
    assert found.owners == sorted(found.owners)
    assert all(0 <= owner < len(spans) for owner in found.owners)
    assert not found.merged & {*found.owners}


def test_a_long_text_in_markup_is_aligned_in_parts() -> None:
    words = [f"word{number}" for number in range(3000)]
    text = f"<div class='a'>{' '.join(words)} 😀</div>"
    expected = {word: word for word in words}
    found = owners(text)
    assert {word: found[word] for word in words[1:]} == {word: expected[word] for word in words[1:]}
    assert found["😀</div>"] == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a\tb \r\n c", ["a", "b", "c"]),
        ("", []),
        (" \n", []),
        ("日本語で word。", ["日", "本", "語", "で", "word。"]),
        ("か\u3099", ["か\u3099"]),
    ],
)
def test_words_are_what_stands_between_white_space(text: str, expected: list[str]) -> None:
    assert [text[begin:end] for begin, end in find_words(text)] == expected


def test_signs_stay_together_where_the_tokenizer_divides_at_white_space_only() -> None:
    assert find_words("我喜欢 猫", divides_signs=False) == [(0, 3), (4, 5)]
