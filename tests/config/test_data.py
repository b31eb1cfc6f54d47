"""The paths of the text, and the fractions of its splits."""

from dataclasses import replace
from typing import Any

import pytest

from halo.config import SplitConfig
from tests.conftest import data_config


def test_relative_paths_refer_to_the_folder_or_the_archive() -> None:
    places: dict[str, Any] = {
        "train_path": "a.txt",
        "validation_path": ["b.txt", "/c.txt"],
        "test_path": "s3://x/d.txt",
    }
    config = replace(data_config(), path="texts", **places)
    assert config.source_paths() == {
        "train": ["texts/a.txt"],
        "validation": ["texts/b.txt", "/c.txt"],
        "test": ["s3://x/d.txt"],
    }
    assert config.urls() == ["s3://x/d.txt"]
    assert replace(config, path="texts.zip").source_paths()["train"] == ["zip://a.txt::texts.zip"]


def test_text_to_be_split_has_no_split_yet() -> None:
    config = replace(data_config(), path=["a.txt", "b.txt"])
    assert config.source_paths() == {"": ["a.txt", "b.txt"]}
    assert config.source == "data.path=a.txt,b.txt"


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_a_validation_ratio_shares_what_the_test_split_leaves(ratio: float) -> None:
    splits = SplitConfig(train=0.8, validation=0.1, test=0.2, validation_ratio=ratio, seed=0)
    assert splits.validation == pytest.approx(ratio * splits.train)
    assert splits.train + splits.validation == pytest.approx(0.8)


@pytest.mark.parametrize("name", ["utf8", "latin-1", "CP1252", "utf-16-le", "gb18030", "koi8_r", "shift-jis"])
def test_text_encodings_are_accepted_by_any_of_their_names(name: str) -> None:
    assert "text".encode(replace(data_config(), encoding=name).encoding)


@pytest.mark.parametrize("name", ["rot13", "base64", "hex", "idna", "unicode_escape", "undefined", "utf-9", "", "a\0"])
def test_other_codecs_are_no_encodings_of_a_text(name: str) -> None:
    with pytest.raises(ValueError, match="encoding"):
        replace(data_config(), encoding=name)
