"""Separators of documents: where they count, and that they are no part of a text."""

from dataclasses import replace

import pytest

from halo.corpus.sources.separators import COMMON, COMMON_LINES, is_rule, separators
from tests.conftest import data_config


@pytest.mark.parametrize("separator", COMMON)
@pytest.mark.parametrize("text", ["one{}two", "one\n{}\ntwo", "one {} two", "{}one{}two{}"])
def test_common_separators_count_anywhere(separator: str, text: str) -> None:
    parts = separators(data_config()).split(text.format(separator, separator, separator))
    assert [part.strip() for part in parts if part.strip()] == ["one", "two"]


@pytest.mark.parametrize("separator", COMMON_LINES)
def test_ambiguous_separators_count_alone_on_a_line(separator: str) -> None:
    both = separators(data_config())
    assert both.split(f"one\n {separator} \ntwo") == ["one", "two"]
    assert both.split(f"one {separator} two") == [f"one {separator} two"]


@pytest.mark.parametrize(
    ("separator", "text", "parts"),
    [
        ("%%%%", "one\n%%%%\ntwo %%%% three\n%%%%%", ["one", "two %%%% three\n%%%%%"]),
        ("<doc>", "one<doc>two", ["one", "two"]),
        ("[SEP]", "one [SEP] two", ["one ", " two"]),
        ("* * *", "one\n\n* * *\n\ntwo", ["one\n", "\ntwo"]),
        ("%%%%", "one<|endoftext|>two", ["one<|endoftext|>two"]),
        (None, "one<|endoftext|>two", ["one<|endoftext|>two"]),
    ],
)
def test_a_separator_of_ones_own_replaces_the_common_ones(separator: str | None, text: str, parts: list[str]) -> None:
    assert separators(replace(data_config(), document_separator=separator)).split(text) == parts


@pytest.mark.parametrize(("line", "expected"), [("=====", True), ("  ----\n", True), ("---", False), ("ab", False)])
def test_rules_are_lines_of_one_mark(line: str, expected: bool) -> None:
    assert is_rule(line) == expected
