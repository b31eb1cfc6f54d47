"""What the sections tell of a measurement."""

from halo.classification.page.sections import (
    MAX_WORDS,
    classes_context,
    curve_context,
    examples_context,
    models_context,
    verdict_context,
)
from tests.support.classified_pages import page_material

MATERIAL = page_material()


def test_the_verdict_comes_with_the_figures_of_test() -> None:
    context = verdict_context(MATERIAL)
    assert context["sentences"] == MATERIAL.measurement.verdict
    assert context["tiles"]["labelled documents: test"] == "80"


def test_every_model_is_in_the_table_and_the_classifier_is_not_tested_against_itself() -> None:
    rows = models_context(MATERIAL)["rows"]
    assert next(row[0] for row in rows) == "The classifier"
    assert len(rows) == 5
    assert [row[-1] for row in rows].count("-") == 1


def test_confusions_add_up_to_the_documents_and_small_classes_are_counted() -> None:
    context = classes_context(MATERIAL)
    cells = [int(cell["number"]) for row in context["confusion"] for cell in row["cells"]]
    assert sum(cells) == 80
    assert context["small"] == 0
    assert [row["cells"][index]["is_right"] for index, row in enumerate(context["confusion"])] == [True] * 3


def test_a_long_example_begins_before_its_most_telling_word_and_counts_the_rest() -> None:
    context = examples_context(MATERIAL)
    assert context is not None
    wrong, right = (group["examples"][0] for group in context["groups"])
    assert (wrong["is_right"], right["is_right"]) == (False, True)
    assert len(right["words"]) == MAX_WORDS
    assert right["before"] == 201 - MAX_WORDS
    assert right["words"][-1] == {"text": "lovely", "level": 3}
    assert right["telling"][0] == "lovely"
    assert [word["level"] for word in wrong["words"]] == [3, 0]
    assert context["faithfulness"]["holds"]


def test_without_a_curve_the_section_is_left_out() -> None:
    assert curve_context(page_material(full=False)) is None
    context = curve_context(MATERIAL)
    assert context is not None
    assert context["rows"][0] == ["10", "2", "52.5% (50.0% to 55.0%)", "40.0%"]
