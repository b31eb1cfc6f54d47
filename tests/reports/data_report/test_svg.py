"""Drawings inside the page: colours and font of the page, ids of their own, no metadata."""

import re
import xml.etree.ElementTree as ET

import pytest

from halo.corpus.corpus import Corpus
from halo.reports.data_report.canvas import figure_of, new_axes
from halo.reports.data_report.figures import draw_figures
from halo.reports.data_report.svg import inline_svg


@pytest.fixture(scope="module")
def drawings(corpus: Corpus) -> list[str]:
    return [inline_svg(figure, name, "a title") for name, figure in draw_figures(corpus).items()]


def test_figures_take_their_colours_from_the_page(drawings: list[str]) -> None:
    for drawing in drawings:
        assert not re.search("#[0-9a-f]{6}", drawing)
        letters = [element.get("style", "") for element in ET.fromstring(drawing).iter("text")]
        assert letters
        assert all("fill: var(--ink)" in style for style in letters)


def test_the_title_and_labels_are_escaped() -> None:
    axes = new_axes("<b>", "$<script>$ & more")
    axes.xaxis.label.set_parse_math(False)
    drawing = inline_svg(figure_of(axes), "name", '"<i>')
    root = ET.fromstring(drawing)
    assert root.get("aria-label") == '"<i>'
    assert "<script>" not in drawing
    assert "$<script>$ & more" in ["".join(element.itertext()) for element in root.iter("text")]


def test_the_ids_of_two_drawings_differ() -> None:
    first, second = (inline_svg(figure_of(new_axes("a", "b")), name, "a") for name in ("one", "two"))
    ids = [set(re.findall(r' id="([^"]*)"', drawing)) for drawing in (first, second)]
    assert not ids[0] & ids[1]
