"""The file of statistics: it is read back as it was written, and a damaged one is one line."""

import json
from pathlib import Path

import pytest

from halo.corpus.store.statistics_file import FILE_NAME, CleaningExample, CorpusStatistics, LabelCounts
from halo.runtime.errors import InputError

STATISTICS = CorpusStatistics(
    characters_read=100,
    cleaning={"case": 3},
    removed={"😀": 2},
    examples=[CleaningExample("Before", "before", ["case"])],
    labels={"train": {"news": LabelCounts(documents=1, words=2, tokens=4, unknown_tokens=1)}, "test": {}},
    types=2,
    singletons=1,
    frequent=[("a", 3), ("b", 1)],
    ranks=[1, 2],
    frequencies=[3, 1],
    coverage={"train": [0.75, 1.0]},
    sentences=2,
    sentences_exact=1,
    beginnings={"train": ["before"]},
    cased_forms={"wuhan": "Wuhan"},
)


def test_statistics_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    STATISTICS.save(tmp_path)
    loaded = CorpusStatistics.load(tmp_path)
    assert loaded == STATISTICS
    assert loaded.labels["train"]["news"].out_of_vocabulary_rate == 0.25


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"examples": [{"x": 1}]}'])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(InputError, match=r"statistics\.json: damaged .*; delete its folder and rerun$"):
        CorpusStatistics.load(tmp_path)


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    STATISTICS.save(tmp_path)
    assert json.loads((tmp_path / FILE_NAME).read_text())["labels"]["train"]["news"]["words"] == 2
