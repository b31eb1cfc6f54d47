"""A file of texts becomes a file of labels: a row for each text, whatever the text, with all other columns."""

import csv
import io
import json
import logging
from functools import cache
from pathlib import Path

import pytest

from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.prediction.predict_files import predict_files
from halo.config import PredictConfig, parse
from halo.runtime.errors import InputError
from halo.runtime.hydra_quoting import literal_settings
from halo.scoring.files import items
from tests.conftest import compose_config
from tests.support.opened_classifiers import word_classifier

REVIEWS = (
    "id;review;label;note\n"
    '1;"The virus; spreads in\nthe air";good;x\n'
    "2;;bad;empty text\n"
    "3;so fast;bad;\n"
    "4;the Virus in the air;terrible;y\n"
    '5;"zyzzyva ""😀""";;z\n'
    "6;virus fast;bad;wrong\n"
)


@cache
def classifier() -> ClassifierBundle:
    return word_classifier({"virus": 3.0, "fast": -1.0})


def predict(*overrides: str, is_terminal: bool = False) -> tuple[list[dict[str, str]], str, dict[str, object]]:
    """Returns the rows that a command prints, the whole output, and the summary."""
    config = parse(compose_config("predict", ["bundle=b", *literal_settings(overrides)]), PredictConfig)
    lines: list[str] = []
    summary = predict_files(classifier(), config, print_text=lines.append, is_terminal=is_terminal)
    text = "".join(lines)
    return [*csv.DictReader(io.StringIO(text), delimiter="\t")], text, summary


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    file = tmp_path / "reviews.csv"
    file.write_text(REVIEWS, encoding="utf-8")
    return file


def test_every_text_has_a_row_with_the_columns_of_the_input(reviews: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        rows, _, summary = predict(f"path={reviews}", "text_field=review", "probabilities=true")
    assert [row["id"] for row in rows] == [*"123456"]
    assert [row["predicted_label"] for row in rows] == ["good", "", "bad", "good", "bad", "good"]
    assert [row["note"] for row in rows] == ["", "empty", "", "", "", ""]
    assert [row["input_note"] for row in rows] == ["x", "empty text", "", "y", "z", "wrong"]
    assert [row["label"] for row in rows] == ["good", "bad", "bad", "terrible", "", "bad"]
    for row in rows:
        if row["predicted_label"]:
            shares = [float(row["probability_bad"]), float(row["probability_good"])]
            assert sum(shares) == pytest.approx(1, abs=1e-6)
            assert float(row["probability"]) == max(shares)
    assert rows[1]["probability"] == rows[1]["probability_bad"] == rows[1]["entropy_bits"] == ""
    assert "6 texts: 3 good, 2 bad" in caplog.text
    assert "1 text empty after cleaning" in caplog.text
    assert "1 text without a word that the classifier knows" in caplog.text
    assert summary["labels"] == {"bad": 2, "good": 3}


def test_predictions_are_compared_with_the_true_labels(reviews: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _, _, summary = predict(f"path={reviews}", "text_field=review")
    agreement = summary["agreement"]
    assert isinstance(agreement, dict)
    assert agreement["documents"] == 3
    assert agreement["accuracy"] == pytest.approx(2 / 3)
    assert agreement["unknown_labels"] == {"terrible": 1}
    assert agreement["unlabelled"] == 1
    assert "such as 'terrible': not compared" in caplog.text
    _, _, summary = predict(f"path={reviews}", "text_field=review", "label_field=null")
    assert summary["agreement"] is None


def test_below_the_threshold_there_is_no_label(reviews: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        rows, _, summary = predict(f"path={reviews}", "text_field=review", "threshold=0.9")
    assert [row["predicted_label"] for row in rows] == ["good", "", "", "good", "", ""]
    assert [row["note"] for row in rows] == ["", "empty", "unsure", "", "unsure", "unsure"]
    assert rows[2]["probability"]
    assert summary["coverage"] == pytest.approx(2 / 5)
    assert "threshold=0.9: 2 texts with a label (40.0%)" in caplog.text
    assert "Where a label is given (threshold=0.9, 1 text): accuracy 100.0%" in caplog.text


def test_the_most_telling_words_are_a_column(reviews: Path) -> None:
    rows, _, _ = predict(f"path={reviews}", "text_field=review", "explain=true")
    assert rows[0]["telling_words"].startswith("virus +3.00")
    assert rows[1]["telling_words"] == ""
    assert rows[5]["telling_words"].count(",") == 1


def test_chunks_change_nothing(reviews: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _, _ = predict(f"path={reviews}", "text_field=review")
    monkeypatch.setattr(items, "TEXTS_PER_CHUNK", 1)
    parts, _, _ = predict(f"path={reviews}", "text_field=review")
    assert [row["predicted_label"] for row in parts] == [row["predicted_label"] for row in whole]
    assert [float(row["probability"] or 0) for row in parts] == pytest.approx(
        [float(row["probability"] or 0) for row in whole], abs=1e-6
    )


def test_a_terminal_gets_a_table_and_a_file_its_format(reviews: Path, tmp_path: Path) -> None:
    _, text, _ = predict(f"path={reviews}", "text_field=review", is_terminal=True)
    assert "Predicted labels" in text
    assert max(map(len, text.splitlines())) <= 80
    _, text, _ = predict(f"path={reviews}", "text_field=review", f"output={tmp_path}/a.jsonl")
    assert text == ""
    records = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["text_id"] for record in records] == [1, 2, 3, 4, 5, 6]
    assert records[0]["text"] == "The virus; spreads in\nthe air"
    assert records[1]["probability"] is None


def test_what_cannot_be_used_is_refused_and_leaves_no_file(reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"label_field=stars: no such column in .*'label'.*set label_field=null"):
        predict(f"path={reviews}", "text_field=review", "label_field=stars", f"output={tmp_path}/b.csv")
    (tmp_path / "empty.txt").write_text("\n😀\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"empty.txt: contains no words; give some text"):
        predict(f"path={tmp_path}/empty.txt", f"output={tmp_path}/b.csv")
    with pytest.raises(InputError, match=r"text='😀': contains no words"):
        predict("text=😀")
    assert not (tmp_path / "b.csv").exists()


def test_numbers_are_labels_as_in_training(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a virus", "label": 1}\n{"text": "b", "label": null}\n')
    _, _, summary = predict(f"path={tmp_path}/a.jsonl")
    agreement = summary["agreement"]
    assert agreement is None  # 1 is none of its labels
