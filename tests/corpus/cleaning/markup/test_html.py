"""HTML: references, tags and blocks are removed; anything else in angle brackets is text."""

import pytest

from halo.corpus.cleaning.markup.html import ends_inside_markup, remove_markup
from halo.corpus.cleaning.pipeline import clean
from tests.corpus.cleaning.test_pipeline import only, rules


@pytest.mark.parametrize(
    ("text", "cleaned", "count"),
    [
        ("<STYLE type='a'>p { }</style >x", " x", 1),
        ("<!DOCTYPE html><br/>x</P>", "  x ", 3),
        ("&#x41;&#66;&eacute;", "ABé", 3),
        ("<unk> x <y a < b > c", "<unk> x <y a < b > c", 0),
        ("<!-- never closed <br>", "<!-- never closed  ", 1),
        ("<![CDATA[x < y]]>", "x < y", 1),
    ],
)
def test_markup_is_removed_and_counted(text: str, cleaned: str, count: int) -> None:
    assert remove_markup(text) == (cleaned, count)


@pytest.mark.parametrize(
    ("text", "inside"), [("a <b", True), ("a <b>", False), ("<script>x", True), ("a > b", False), ("p < 0.05", False)]
)
def test_an_open_tag_or_block_is_recognised(text: str, inside: bool) -> None:
    assert ends_inside_markup(text) == inside


def test_references_within_references_end() -> None:
    text = "&am&#1&#49;2;;" * 3 + "&" + "amp;" * 50 + "lt;"
    once = clean(text, only("html"))
    assert clean(once, only("html")) == once


def test_a_reference_may_uncover_what_earlier_steps_change() -> None:
    assert (
        clean("e&#769; &amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt; zero&#8203;width", rules("keep")) == "é bold zerowidth"
    )
