"""Tables with a word a row are scored in the order of their texts and written in the order of their rows."""

import csv
from pathlib import Path

import numpy as np
import pytest

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.scoring.reading_times.word_task import score_word_table
from tests.conftest import compose_config
from tests.support.tiny_bundles import TEXT, tiny_bundle

WORDS = TEXT.split()


def score_config(path: Path, *settings: str) -> ScoreConfig:
    columns = ["text_field=word", "group_field=story", "order_field=zone"]
    return parse(
        compose_config("score", [f"path={path}", *columns, *settings, "bundle=x", "ngrams=false"]), ScoreConfig
    )


def write_table(folder: Path, *, stories: int = 4) -> Path:
    generator = np.random.default_rng(0)
    rows = [
        (word, f"story {story}", zone, 300 + 5 * len(word) + generator.normal(0, 10))
        for story in range(stories)
        for zone, word in enumerate(generator.permutation(WORDS))
    ]
    file = folder / "words.csv"
    with file.open("w", newline="") as target:
        csv.writer(target).writerows([["word", "story", "zone", "rt"], *sorted(rows)])
    return file


def run(config: ScoreConfig, bundle: Bundle | None = None) -> tuple[dict[str, object], str]:
    printed: list[str] = []
    summary = score_word_table(bundle or tiny_bundle(), config, name="m", print_text=printed.append)
    return summary, "".join(printed)


def test_rows_keep_their_order_and_columns(tmp_path: Path) -> None:
    file = write_table(tmp_path)
    summary, printed = run(score_config(file))
    rows = list(csv.DictReader(printed.splitlines(), delimiter="\t"))
    assert [row["rt"] for row in rows] == [row["rt"] for row in csv.DictReader(file.read_text().splitlines())]
    assert summary == {"texts": 4, "words": 4 * len(WORDS), "unknown_words": 0}
    assert all(row["surprisal_bits"] and row["entropy_bits"] for row in rows)


def test_the_gain_is_printed_and_the_words_are_written(tmp_path: Path) -> None:
    config = score_config(write_table(tmp_path), "predicts=rt", f"output={tmp_path / 'scores.csv'}")
    summary, printed = run(config)
    assert "Gain in log-likelihood from surprisal" in printed
    assert "4-fold cross-validation by text" in printed
    assert summary["rows"] == 4 * (len(WORDS) - 2)
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 1 + 4 * len(WORDS)


@pytest.mark.parametrize(
    ("stories", "settings", "message"),
    [(1, ["predicts=rt"], "1 text with usable"), (2, ["predicts=time"], "predicts=time: no such column")],
)
def test_what_cannot_be_predicted_is_refused(stories: int, settings: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        run(score_config(write_table(tmp_path, stories=stories), *settings))
