"""The drawings show every point, also of runs that diverged, and no two labels of the map overlap."""

import re

import pytest

from halo.reports.run_page.analysis.calibration import Bin, Calibration
from halo.reports.run_page.analysis.word_space import MappedWord, WordMap
from halo.reports.run_page.drawings import best_validation, draw_learning_curve, draw_reliability, draw_word_map
from halo.reports.run_page.run_metrics import ValidationFigures
from tests.support.report_pages import HOSTILE, Page


def curve(*perplexities: float | None) -> list[ValidationFigures]:
    return [
        ValidationFigures(step=epoch, epochs=epoch, train=each, validation=each)
        for epoch, each in enumerate(perplexities, 1)
    ]


@pytest.mark.parametrize(
    "perplexities", [(60.0,), (90.0, 80.0), (300.0, 100.0, 5e34), (1.0, 1.0), (2.0, None, 1e300), (0.5, 3.0)]
)
def test_a_learning_curve_has_a_dot_for_each_validation(perplexities: tuple[float | None, ...]) -> None:
    drawing = draw_learning_curve(curve(*perplexities), overfitting_since=1 if len(perplexities) > 2 else None)
    assert drawing is not None
    page = Page(drawing)
    dots = [attributes["class"] for tag, attributes in page.elements if tag == "circle"]
    assert dots.count("dot best") == 1
    assert sum(each == "dot validation" for each in dots) == len(perplexities) + 1  # one in the legend
    assert "nan" not in str(page.elements)
    assert ("band" in page.values("class")) == (len(perplexities) > 2)


def test_perplexities_beyond_all_numbers_are_not_drawn() -> None:
    assert draw_learning_curve(curve(None, None), overfitting_since=None) is None


def test_the_best_validation_is_the_lowest_that_is_a_number() -> None:
    assert best_validation(curve(None, 3.0, 2.0, None)).step == 3


def test_a_range_with_few_tokens_is_hollow() -> None:
    bins = [Bin(0.0, 0.1, 100, 0.05, 0.06, (0.0, 0.2)), Bin(0.9, 1.0, 3, 0.95, 1.0, (0.4, 1.0))]
    page = Page(draw_reliability(Calibration(bins, 0.01, 0.1, 0.1)))
    assert "dot hollow" in page.values("class")


def test_labels_do_not_overlap_and_any_script_is_drawn() -> None:
    words = [MappedWord(f"word{index}", index % 5, index // 5 / 100) for index in range(60)]
    words += [MappedWord(HOSTILE, 0, 0), MappedWord("שלום", 9, 9), MappedWord("x" * 99, 4, 9)]
    drawing = draw_word_map(WordMap(words, 0.5))
    places = [
        (float(x), float(y), text)
        for x, y, text in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', drawing)
    ]
    assert 10 < len(places) < 63
    for index, (x, y, text) in enumerate(places):
        assert len(text) <= 18 or "&" in text
        for other_x, other_y, other in places[index + 1 :]:
            assert abs(y - other_y) > 10 or abs(x - other_x) > 3.5 * (min(len(text), len(other)))
    assert "שלום" in drawing
    assert "<script" not in drawing
