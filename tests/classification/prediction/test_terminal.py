"""The table fits a terminal, whatever the texts and labels are."""

from halo.classification.prediction.classifications import as_classification
from halo.classification.prediction.prediction_rows import Layout
from halo.classification.prediction.terminal import TerminalWriter
from halo.scoring.files.items import Item


def test_long_texts_and_labels_are_cut_and_control_characters_shown() -> None:
    layout, printed = Layout((), threshold=0.9, explains=True), list[str]()
    labels = ("l" * 100, "b")
    rows = [
        layout.row(1, Item("", "one\ntwo \x1b[31m" + "w" * 100, {}), as_classification(labels, (1.0, 0.0)), "one +0.5"),
        layout.row(2, Item("", "three", {}), as_classification(labels, (0.5, 0.5))),
        layout.row(3, Item("", "", {}), None),
    ]
    TerminalWriter(printed.append, explains=True).write(rows)
    (table,) = printed
    assert max(map(len, table.splitlines())) <= 80
    assert "\x1b" not in table
    assert "unsure" in table
    assert "empty" in table
