"""All steps from text to loss."""

import math
import re

import pytest

from halo.showing.lesson import Lesson, Table
from halo.showing.walkthrough import first_windows
from tests.conftest import MODELS
from tests.support.lessons import lesson_of, material_of


def table(lesson: Lesson, name: str) -> Table:
    return next(section for section in lesson.sections if section.name == name).tables[0]


@pytest.mark.parametrize("model", MODELS)
def test_every_architecture_goes_from_text_to_gradient(model: str) -> None:
    lesson = lesson_of(model)
    steps = ["text", "tokens", "streams", "vectors", "layer", "prediction", "loss", "gradient"]
    assert [section.name for section in lesson.sections] == steps
    assert [section.title[:3] for section in lesson.sections] == [f"{number}. " for number in range(1, 9)]


@pytest.mark.parametrize("kind", ["char", "bpe", "whitespace"])
def test_every_kind_of_token_can_be_shown(kind: str) -> None:
    lesson = lesson_of(kind=kind)
    tokens = [row[2] for row in table(lesson, "tokens").rows]
    assert len(tokens) == len(table(lesson, "loss").rows)
    assert not any(isinstance(each, str) and " " in each for each in tokens)


def test_losses_add_up_to_the_perplexity_that_is_stated() -> None:
    lesson = lesson_of()
    losses = [float(str(row[3])) for row in table(lesson, "loss").rows]
    text = " ".join(next(section for section in lesson.sections if section.name == "loss").text)
    stated = re.search(r"Sum: ([\d.]+) nats over (\d+) tokens\. Mean: ([\d.]+) .* = ([\d,.]+), as", text)
    assert stated is not None
    total, count, mean, perplexity = (float(each.replace(",", "")) for each in stated.groups())
    assert count == len(losses)
    assert total == pytest.approx(sum(losses), abs=0.01 * len(losses))
    assert mean == pytest.approx(total / count, abs=1e-3)
    assert perplexity == pytest.approx(math.exp(total / count), rel=1e-2)


def test_the_second_batch_continues_the_streams_of_the_first() -> None:
    first, second = first_windows(material_of())
    assert first.targets_BT[:, :-1].equal(first.inputs_BT[:, 1:])
    assert second.inputs_BT[:, 0].equal(first.targets_BT[:, -1])
    rows = table(lesson_of(), "streams").rows
    assert [row[:2] for row in rows] == [(str(stream), str(batch)) for stream in (1, 2, 3) for batch in (1, 2)]


def test_the_word_that_came_stands_in_the_table_of_one_prediction() -> None:
    rows = table(lesson_of(), "prediction").rows
    assert sum("(came next)" in str(row[0]) for row in rows) == 1
