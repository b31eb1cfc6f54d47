"""`halo.topics` as a reader of dated records uses it: topics over time, crossings, the page, and new texts."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome, Run

pytest.importorskip("sklearn", reason="needs the extra `topics`")
pytest.importorskip("plotly", reason="needs the extra `topics`")

SMALL = ["num_topics=3", "num_seeds=2", "min_df=1", "max_df=1", "lda=false", "unit=document"]
Command = Callable[..., Outcome]


@pytest.fixture
def records(corpus_file: Path, tmp_path: Path) -> Path:
    """The small text cut into records of fifty words, with dates; the first one has none."""
    texts = [json.loads(line) for line in corpus_file.read_text(encoding="utf-8").splitlines()]
    pieces = [
        " ".join(record["text"].split()[first : first + 50])
        for record in texts
        for first in range(0, len(record["text"].split()) - 49, 50)
    ]
    file = tmp_path / "records.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["text", "label", "date", "id"])
        for number, text in enumerate(pieces):
            rows.writerow(
                [text, f"label {number % 2}", f"{2018 + number % 4}-0{1 + number % 9}" if number else "", number]
            )
    return file


def test_dated_records_are_crossed_and_new_texts_assigned(
    command: Command, trained: Run, records: Path, tmp_path: Path
) -> None:
    ran = command(
        "topics", f"run={trained.folder}", f"path={records}", "date_field=date", "by=[label,surprisal]", *SMALL
    )
    assert ran.code == 0, ran.err
    assert max(map(len, ran.out.splitlines())) <= 80
    for heading in ("Label by topic", "Surprisal by topic", "Topics over time"):
        assert heading in ran.out
    assert "1 text without a date left out." in ran.out
    (folder,) = tmp_path.glob("outputs/topics/*/*")
    figures = json.loads((folder / "topics.json").read_text())
    assert {*figures["crossings"]} == {"label", "surprisal"}
    with (folder / "topics.csv").open(newline="") as opened:
        units = list(csv.DictReader(opened))
    assert all(float(row["surprisal_bits_per_word"]) > 0 for row in units)
    assert (folder / "topics_over_time.csv").read_text().startswith("period,topic,label,texts,documents,share,low,high")
    assert (folder / "topics.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    again = command("topics", f"run={trained.folder}", f"topics={folder}", f"path={records}", "output=assigned.csv")
    assert again.code == 0, again.err
    with (tmp_path / "assigned.csv").open(newline="") as opened:
        assigned = list(csv.DictReader(opened))
    by_row = {row["source"].rpartition(" ")[2]: row["topic"] for row in units}
    assert [row["topic"] for row in assigned] == [by_row[str(int(row["id"]) + 2)] for row in assigned]
    assert assigned[1]["date"] == "2019-02"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["by=sentiment"], "classifier=null: by=sentiment needs classifier=FOLDER"),
        (["by=mood"], "by=mood"),
        (["topics=x", "path=new.csv"], "output=null: topics=FOLDER needs output=FILE"),
        (["topics=x", "path=new.csv", "output=a.doc"], "output=a.doc: must end in"),
        (["period=month"], "period=month: divides the time of date_field"),
        (["output=a.csv"], "output=a.csv: is for topics=FOLDER"),
    ],
)
def test_settings_that_do_not_fit_are_one_line(command: Command, settings: list[str], message: str) -> None:
    ran = command("topics", "run=x", *settings)
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1)
    assert message in ran.err


def test_a_date_that_is_none_is_named(command: Command, trained: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,date\nthe virus spreads in the air,15.3.2020\n")
    ran = command("topics", f"run={trained.folder}", "path=a.csv", "date_field=date", *SMALL)
    assert ran.code == 2
    assert "date_field=date: a.csv, line 2: '15.3.2020' is no date; write 2020-03-15, 2020-03 or 2020" in ran.err
