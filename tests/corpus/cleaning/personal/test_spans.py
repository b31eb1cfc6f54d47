"""Replacement of places in a text."""

from halo.corpus.cleaning.personal.spans import cover_spans, replace_spans, without_overlaps


def test_replacing_and_covering() -> None:
    assert replace_spans("one two three", [(0, 3), (8, 13)], "*") == "* two *"
    assert cover_spans("one two three", [(8, 13), (0, 3)], "*") == "*** two *****"
    assert replace_spans("one", [], "*") == "one"


def test_of_overlapping_spans_the_first_and_longest_stays() -> None:
    assert without_overlaps([(4, 6), (0, 5), (0, 2), (5, 7)]) == [(0, 5), (5, 7)]
