"""The page about a batch."""

import re
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.showing.lesson import Lesson, Section, Strip, Table
from halo.showing.page.page import draw_strip, render, write_page
from tests.support.lessons import lesson_of


def test_the_page_needs_nothing_else_and_has_every_step() -> None:
    lesson = lesson_of()
    page = render(lesson)
    assert "default-src 'none'" in page
    assert not re.search(r"<script|src=|https?://", page)
    for section in lesson.sections:
        assert f'<section id="{section.name}"' in page
        assert all(f"<caption>{table.caption}</caption>" in page for table in section.tables)


def test_text_cannot_become_markup() -> None:
    table = Table("c", ("a",), (("<img>",),))
    page = render(Lesson("<b>", ("<i>",), (Section("s", "S", ("<u>",), (table,)),)))
    assert not re.search(r"<img>|<b>|<u>|<i>", page)


def test_colours_show_the_sign_and_the_size_of_values() -> None:
    drawn = str(draw_strip(Strip((-1.0, 0.0, 0.5), -1, 1)))
    assert re.findall(r'class="(low|high)" style="--strength:(\d+)%"', drawn) == [
        ("low", "100"),
        ("high", "0"),
        ("high", "50"),
    ]
    assert 'aria-label="-1.00 0.00 0.50"' in drawn
    assert draw_strip("text") is None


def test_a_page_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="the page cannot be written"):
        write_page(lesson_of(), tmp_path / "file" / "lesson.html")
