"""Minimal pairs are judged under one model or several, beside the n-gram models, and written pair by pair."""

import csv
from pathlib import Path

import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.scoring.pairs.pair_task import judge_pairs
from tests.conftest import compose_config
from tests.support.tiny_bundles import tiny_bundle

LINES = "virus the spreads\nthe virus spreads\nthe quokka\nthe zyzzyva\n"


def score_config(*settings: str) -> ScoreConfig:
    return parse(compose_config("score", [*settings, "bundle=x", "ngrams=false"]), ScoreConfig)


def test_several_models_are_compared(tmp_path: Path) -> None:
    (tmp_path / "order.txt").write_text(LINES)
    config = score_config(f"pairs={tmp_path / 'order.txt'}", f"output={tmp_path / 'items.csv'}")
    printed: list[str] = []
    models = {"first": tiny_bundle(seed=0), "second": tiny_bundle(seed=1), "chars": tiny_bundle(kind="char")}
    summary = judge_pairs(models, config, print_text=printed.append)
    text = "".join(printed)
    assert text.count("Minimal pairs, 2 items of 1 paradigm:") == 3
    assert "Differences from the first model" in text
    assert "The vocabularies differ" in text
    assert max(map(len, text.split("\n"))) <= 80
    assert [each["name"] for each in summary["differences_from_first"]] == ["second", "chars"]
    with (tmp_path / "items.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["model"], row["paradigm"], row["sentence_good"]) for row in rows[:2]] == [
        ("first", "order", "the virus spreads"),
        ("first", "order", "the zyzzyva"),
    ]
    assert (rows[1]["outcome"], rows[1]["known"], rows[1]["same_ids"]) == ("0.5", "false", "true")
    assert len(rows) == 6


def test_rows_on_standard_output_are_alone(tmp_path: Path) -> None:
    (tmp_path / "order.txt").write_text(LINES)
    printed: list[str] = []
    judge_pairs({"m": tiny_bundle()}, score_config(f"pairs={tmp_path}", "output=-"), print_text=printed.append)
    lines = "".join(printed).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("model\tlocation\tparadigm")


def test_pairs_without_any_score_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("quokka\nzyzzyva\n")
    with pytest.raises(InputError, match="no pair has a score under m; use oov=unk"):
        judge_pairs({"m": tiny_bundle()}, score_config(f"pairs={tmp_path}", "oov=na"), print_text=print)
