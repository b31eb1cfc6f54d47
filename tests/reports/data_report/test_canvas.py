"""Axes and labels: what the font cannot draw is replaced, numbers are written in full."""

import pytest

from halo.reports.data_report.canvas import (
    add_message,
    count_axis,
    drawable_label,
    figure_of,
    log_axis,
    new_axes,
    percent_axis,
    row_axes,
    stacked_axes,
)


def test_labels_that_cannot_be_drawn_are_replaced_by_their_row() -> None:
    words = ["слово", "你好", "שלום", "สวัสดี", "a" * 100, "ok\u202e", ""]
    assert [drawable_label(word, row) for row, word in enumerate(words, start=1)] == [
        "слово", "#2", "#3", "#4", f"{'a' * 23}…", "#6", "#7"
    ]  # fmt: skip


def test_panels_share_the_horizontal_axis_and_do_not_overlap() -> None:
    panels = stacked_axes("title", "x", "y", panels=3)
    panels[0].set_xlim(2, 7)
    assert [each.get_xlim() for each in panels] == [(2, 7)] * 3
    boxes = [each.get_position() for each in panels]
    assert boxes[0].y0 > boxes[1].y1
    assert boxes[1].y0 > boxes[2].y1
    assert figure_of(panels[0]) is figure_of(panels[2])


def test_the_first_row_is_at_the_top() -> None:
    axes = row_axes("title", "x", ["first", "second", "$x$"])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert [each.get_text() for each in axes.get_yticklabels()] == ["first", "second", "$x$"]


@pytest.mark.parametrize(("smallest", "largest", "scale"), [(0, 50, "linear"), (10, 290, "linear"), (10, 300, "log")])
def test_counts_over_a_wide_range_have_a_logarithmic_axis(smallest: float, largest: float, scale: str) -> None:
    axes = new_axes("title", "x")
    count_axis(axes.xaxis, smallest, largest)
    assert axes.get_xscale() == scale
    assert axes.get_xlim()[1] > largest


def test_numbers_are_written_in_full_and_shares_in_percent() -> None:
    axes = new_axes("title", "x")
    log_axis(axes.xaxis, 1, 10_000)
    percent_axis(axes.yaxis, 0.5)
    assert axes.xaxis.get_major_formatter()(10_000, 0) == "10,000"
    assert axes.yaxis.get_major_formatter()(0.25, 0) == "25%"


def test_an_empty_figure_says_why() -> None:
    axes = new_axes("title", "x")
    add_message(axes, "no tokens")
    assert axes.texts[0].get_text() == "no tokens"
    assert list(axes.get_xticks()) == []
