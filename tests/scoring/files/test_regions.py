"""Regions are runs of words, given by numbers or by brackets; anything else is refused in one line."""

import pytest

from halo.runtime.errors import InputError
from halo.scoring.files.regions import parse_brackets, parse_regions, regions_of_spans
from halo.scoring.word_alignment import find_words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2-4,7", [(1, 4), (6, 7)]),
        (" 1 ; 3 – 3 ", [(0, 1), (2, 3)]),
        (2, [(1, 2)]),
        ("", []),
        (None, []),
        ("1-3,2-8", [(0, 3), (1, 8)]),
    ],
)
def test_word_spans_are_numbers_from_one(value: object, expected: list[tuple[int, int]]) -> None:
    regions = parse_regions(value, num_words=8, column="r", location="here")
    assert [(each.words.start, each.words.stop) for each in regions] == expected
    assert [each.number for each in regions] == [*range(1, len(expected) + 1)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2-9", "line 3: r='2-9': no words 2-9; the text has 8 words"),
        ("0", "no words 0"),
        ("4-2", "no words 4-2"),
        ("the dog", "'the dog' is no word span"),
        ("1.5", "'1.5' is no word span"),
    ],
)
def test_other_spans_are_refused(value: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_regions(value, num_words=8, column="r", location="line 3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The [old dog] barked [loudly].", [["old", "dog"], ["loudly."]]),
        ("un[believ]able things", [["unbelievable"]]),
        ("no marks", []),
        ("[a] [b]", [["a"], ["b"]]),
    ],
)
def test_brackets_mark_words(text: str, words: list[list[str]]) -> None:
    marked = parse_brackets(text, "here")
    assert marked.text == text.replace("[", "").replace("]", "")
    spans = find_words(marked.text)
    found = regions_of_spans(marked.spans, spans)
    assert [[marked.text[slice(*spans[index])] for index in region.words] for region in found] == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a [b", "line 3: .* is never closed"),
        ("a] b", r"do not match \(the 1. is \]\)"),
        ("[a [b]]", r"do not match \(the 2. is \[\)"),
        ("[] a", "a region without words"),
        ("[ ] a", "a region without words"),
    ],
)
def test_brackets_that_do_not_match_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_brackets(text, "line 3")
