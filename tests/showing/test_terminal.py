"""The steps in a terminal."""

import pytest
from rich.cells import cell_len

from halo.showing.lesson import Lesson, Section, Strip, Table
from halo.showing.terminal import blocks, lesson_text
from tests.conftest import MODELS
from tests.support.lessons import lesson_of


@pytest.mark.parametrize("model", MODELS)
def test_everything_fits_into_80_columns(model: str) -> None:
    text = lesson_text(lesson_of(model))
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "Note: A note." in text


def test_blocks_rise_with_the_values() -> None:
    assert blocks(Strip(tuple(each / 7 for each in range(8)), 0, 1)) == "▁▂▃▄▅▆▇█"
    assert blocks(Strip((0.25,), 0, 1)) == "██"
    assert blocks(Strip((0.0,), 0, 1)) == ""


def test_control_characters_of_a_saved_vocabulary_do_not_reach_the_terminal() -> None:
    table = Table("c", ("a", "b"), (("red\x1b[31m", Strip((1.0, 2.0), 0, 2)),))
    assert "\x1b" not in lesson_text(Lesson("t\x1b", (), (Section("s", "S", ("x\x1b",), (table,)),)))
