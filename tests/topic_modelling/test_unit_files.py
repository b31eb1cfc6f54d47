import json
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.unit_files import file_units, read_documents, topic_units
from tests.conftest import data_config
from tests.support.found_topics import topics_config
from tests.support.tiny_bundles import TEXT, tiny_bundle

BUNDLE = tiny_bundle()


def write(file: Path, records: list[dict[str, str]]) -> str:
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return str(file)


def test_records_have_label_date_and_split_and_the_same_text_is_in_one_split(tmp_path: Path) -> None:
    texts = [f"{TEXT} number {number // 2}\n\n{TEXT}" for number in range(40)]
    records = [{"text": text, "label": "a", "day": f"2020-0{1 + number % 9}"} for number, text in enumerate(texts)]
    path = write(tmp_path / "texts.jsonl", records)
    units = file_units(BUNDLE, [path], data_config(), unit="paragraph", date_field="day")
    assert len(units) == 80
    assert (units[0].label, units[0].date, units[2].date) == ("a", "2020-01", "2020-02")
    splits = {unit.document: unit.split for unit in units}
    assert {*splits.values()} == {"train", "validation", "test"}
    assert all(splits[number] == splits[number + 1] for number in range(0, 40, 2))


def test_one_long_document_is_divided_by_paragraphs_in_order(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("\n\n".join([TEXT] * 20), encoding="utf-8")
    units = file_units(BUNDLE, [str(tmp_path / "long.txt")], data_config(), unit="paragraph", date_field=None)
    assert [unit.split for unit in units] == ["train"] * 16 + ["validation"] * 2 + ["test"] * 2


def test_a_field_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "texts.jsonl", [{"text": TEXT}])
    with pytest.raises(InputError, match=r"line 1: date_field=day: no such field \(fields: 'text'\)"):
        read_documents([path], data_config(), date_field="day")


def test_units_of_files_get_vectors(tmp_path: Path) -> None:
    path = write(tmp_path / "texts.jsonl", [{"text": f"{TEXT} {number}"} for number in range(9)])
    units = topic_units(BUNDLE, topics_config(f"path={path}", "unit=document"))
    assert len(units) == len(units.vectors) == 9
