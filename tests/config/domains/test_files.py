"""Delimiters of tables, and further endings of files."""

from dataclasses import replace

import pytest

from tests.conftest import data_config


@pytest.mark.parametrize(("delimiter", "fits"), [("tab", True), ("^", True), ("\t", True), ("||", False), ('"', False)])
def test_a_delimiter_is_a_name_or_a_character(delimiter: str, fits: bool) -> None:
    table = data_config().table
    if fits:
        assert replace(table, delimiter=delimiter).delimiter == delimiter
    else:
        with pytest.raises(ValueError, match="delimiter"):
            replace(table, delimiter=delimiter)


def test_endings_are_compared_without_case_and_point() -> None:
    assert replace(data_config(), extensions={".LOG": "text", "dat": "csv"}).extensions == {"log": "text", "dat": "csv"}
    with pytest.raises(ValueError, match="extensions"):
        replace(data_config(), extensions={"log": "words"})  # type: ignore[dict-item]
