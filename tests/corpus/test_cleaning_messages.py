"""What is said about characters that cleaning removed: which ones, how many, and the setting that keeps them."""

from dataclasses import replace

import pytest

from halo.config import DataConfig
from halo.corpus.cleaning_messages import describe_removed_characters
from halo.corpus.prepare import prepare
from tests.corpus.test_prepare import config

__all__ = ["config"]  # a fixture


@pytest.mark.parametrize(
    ("special", "keep_characters", "expected"),
    [
        (10, None, []),
        (
            11,
            None,
            ["Cleaning removed 1.1% of the characters, most often █ (9), U+E000 (2). To keep them, leave special"],
        ),
        (
            11,
            ".,",
            ["Cleaning removed 1.1% of the characters, most often █ (9), U+E000 (2). To keep them, add them to"],
        ),
    ],
)
def test_more_than_one_percent_is_told(
    config: DataConfig, special: int, keep_characters: str | None, expected: list[str]
) -> None:
    statistics = replace(
        prepare(config).statistics, characters_read=1000, cleaning={"special": special}, removed={"\ue000": 2, "█": 9}
    )
    lines = describe_removed_characters(statistics, {"keep_characters": keep_characters})
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected
