"""`halo predict` as a command: a file in, a file out, one line and exit status 2 for what cannot be used."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Outcome
from tests.support.opened_classifiers import saved_classifier, tiny_classifier


def test_a_file_of_texts_becomes_a_file_of_labels(command: Callable[..., Outcome], tmp_path: Path) -> None:
    saved_classifier(tmp_path / "run" / "bundle", tiny_classifier(labels=("bad", "good")))
    texts = [f"the virus spreads {'so ' * number}fast" for number in range(40)]
    with (tmp_path / "in.tsv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, delimiter="\t").writerows(
            [("who", "text"), *((f"P{n}", text) for n, text in enumerate(texts))]
        )
    outcome = command("predict", "run=run", "path=in.tsv", "output=new/out.csv", "device=cpu")
    assert outcome.code == 0, outcome.err
    with (tmp_path / "new" / "out.csv").open(encoding="utf-8", newline="") as lines:
        rows = [*csv.DictReader(lines)]
    assert [row["text"] for row in rows] == texts
    assert [row["who"] for row in rows] == [f"P{number}" for number in range(40)]
    assert {row["predicted_label"] for row in rows} <= {"bad", "good"}
    (summary,) = tmp_path.glob("outputs/predict/*/*/metrics.json")
    assert json.loads(summary.read_text(encoding="utf-8"))["texts"] == 40


def test_what_cannot_be_used_is_one_line(command: Callable[..., Outcome], tmp_path: Path) -> None:
    saved_classifier(tmp_path / "labels", tiny_classifier())
    (tmp_path / "in.csv").write_text("a;b\n1;2\n")
    for settings, message in (
        (("run=nowhere", "text=a"), "nowhere: no such folder"),
        (("bundle=labels", "path=missing.csv"), "missing.csv"),
        (("bundle=labels", "path=in.csv"), "no column holds sentences; name the one"),
        (("bundle=labels", "text=a", "device=abacus"), "device=abacus"),
        (("bundle=labels", "text="), "contains no words"),
    ):
        outcome = command("predict", *settings, "output=out.csv")
        assert outcome.code == 2
        assert message in outcome.err
        assert len(outcome.err.splitlines()) == 1, outcome.err
        assert not (tmp_path / "out.csv").exists()
    assert not [*tmp_path.glob("outputs/predict/*/*")]
