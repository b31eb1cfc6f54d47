"""The tables in files have a row for each text, and for each topic and period."""

import csv
from pathlib import Path

import pytest

from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.output.result_files import write_result_files
from tests.support.topics import crossed_topics, topic_result


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_each_text_has_a_row_that_leads_back_to_it(tmp_path: Path) -> None:
    result = topic_result(text='"quoted", with\nlines')
    write_result_files(result, crossed_topics(result), tmp_path)
    found = rows(tmp_path / "topics.csv")
    assert len(found) == len(result.units)
    assert (found[4]["document"], found[4]["paragraph"]) == ("2", "2")
    assert found[4]["source"] == result.units.sources[4]
    assert [int(row["topic"]) for row in found] == [topic + 1 for topic in result.assignment.topics_N]
    for row in found:
        assert float(row["p_negative"]) + float(row["p_positive"]) == pytest.approx(1, abs=1e-5)
        assert 0.5 < float(row["weight"]) <= 1
    assert not any(result.units.texts[0] in value for row in found for value in row.values())


def test_each_topic_and_period_has_a_row(tmp_path: Path) -> None:
    result = topic_result()
    crossed = crossed_topics(result)
    write_result_files(result, crossed, tmp_path)
    found = rows(tmp_path / "topics_over_time.csv")
    assert crossed.over_time is not None
    assert len(found) == 3 * len(crossed.over_time.periods)
    assert sum(float(row["share"]) for row in found[:3]) == pytest.approx(1, abs=1e-5)
    assert all(float(row["low"]) <= float(row["share"]) <= float(row["high"]) for row in found)


def test_without_dates_there_is_one_table(tmp_path: Path) -> None:
    write_result_files(topic_result(is_dated=False), CrossedTopics([], [], None), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["topics.csv"]
    assert rows(tmp_path / "topics.csv")[0]["date"] == ""
