"""The folder of prepared series is that of a text: streams, statistics and the cache work on it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from halo.config import SPLITS
from halo.corpus.prepare import find_prepared, prepare
from halo.data.streams import StreamLoader
from halo.runtime.errors import InputError
from tests.support.series import series_data, write_table


@pytest.fixture
def table(tmp_path: Path) -> Path:
    steps = np.random.default_rng(0).normal(size=(2, 201)) / 100
    prices = 100 * np.exp(np.cumsum(steps, axis=1))
    return write_table(tmp_path / "prices.csv", a=prices[0], b=prices[1])


def test_each_series_is_a_document_of_every_split(table: Path) -> None:
    corpus = prepare(series_data(table))
    assert corpus.label_names == ["a", "b"]
    lengths = {split: np.diff(corpus.offsets[split]).tolist() for split in SPLITS}
    assert lengths == {"train": [161, 161], "validation": [21, 21], "test": [21, 21]}  # with <eos>
    assert [corpus.counts[split].tokens for split in SPLITS] == [sum(lengths[split]) for split in SPLITS]
    entry = corpus.manifest["series"]
    assert entry["series"][0]["dates"]["train"] == ["2020-01-02", "2020-06-09"]
    assert len(entry["series"][0]["edges"]) == 19
    assert corpus.series_bins is not None
    assert corpus.document_texts("test") is not None
    windows = StreamLoader(corpus.ids["train"], eos_id=corpus.tokenizer.eos_id, batch_size=2, sequence_length=8)
    assert sum(window.num_targets for window in windows) == 322


def test_the_cache_knows_settings_and_content(table: Path) -> None:
    data = series_data(table)
    first = prepare(data)
    assert find_prepared(data) is not None
    assert prepare(data).folder == first.folder
    assert find_prepared(series_data(table, num_bins=10)) is None
    table.write_text(table.read_text(encoding="utf-8").replace("2020-01-05,", "2020-01-05,1"), encoding="utf-8")
    assert find_prepared(data) is None


def test_a_repeating_series_is_kept_whole_and_in_order(tmp_path: Path) -> None:
    table = write_table(tmp_path / "waves.csv", x=np.tile([1.0, 2.0, 4.0, 3.0], 50))
    corpus = prepare(series_data(table, transform="none", num_bins=4))
    tokens = [corpus.tokenizer.token(int(each)) for each in corpus.ids["train"][:8]]
    assert tokens == ["r1", "r2", "r4", "r3"] * 2
    assert sum(corpus.counts[split].words for split in SPLITS) == 200


def test_given_splits_are_refused(table: Path) -> None:
    data = series_data(table)
    with pytest.raises(ValidationError, match=r"data\.train_path=x: a series is divided by its dates"):
        replace(data, train_path="x")


def test_a_refused_table_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,a\n2024-01-02,1\n2024-01-03,-1\n2024-01-04,1\n")
    with pytest.raises(InputError, match="needs values above 0"):
        prepare(series_data(tmp_path / "a.csv"))
    assert not (tmp_path / "cache").exists()
