"""Columns are the same for every row, whatever the text."""

from halo.classification.prediction.classifications import as_classification
from halo.classification.prediction.prediction_rows import Layout
from halo.scoring.files.items import Item

ITEM = Item("a.csv, line 2", "a text", {})


def test_every_value_of_a_row_belongs_to_a_column() -> None:
    layout = Layout(("x", "ü y"), threshold=0.0, explains=True)
    row = layout.row(3, ITEM, as_classification(("x", "ü y"), (0.25, 0.75)), "text +0.2")
    assert [*row] == [*layout.columns]
    assert all(isinstance(row[name], kind) for name, kind in layout.columns.items())
    assert {name: row[name] for name in ("predicted_label", "probability", "probability_ü y")} == {
        **{"predicted_label": "ü y", "probability": 0.75, "probability_ü y": 0.75},
    }
    assert "probability_x" not in Layout((), threshold=0.0, explains=False).columns


def test_the_threshold_itself_is_enough() -> None:
    layout = Layout((), threshold=0.75, explains=False)
    for share, label, note in ((0.75, "b", ""), (0.7, "", "unsure")):
        row = layout.row(1, ITEM, as_classification("ab", (1 - share, share)))
        assert (row["predicted_label"], row["note"]) == (label, note)
    assert layout.row(1, ITEM, None)["note"] == "empty"
