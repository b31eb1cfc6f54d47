"""What is said about characters that cleaning removed: which ones, how many, and the setting that keeps them."""

from dataclasses import replace

import pytest

from halo.config import DataConfig
from halo.corpus.cleaning_messages import describe_removed_characters
from halo.corpus.prepare import prepare
from tests.corpus.test_prepare import config

__all__ = ["config"]  # a fixture


REMOVED = "Cleaning removed 1.1% of the characters, most often █ (9), U+E000 (2)."
KEEP_SIGNS = "  To keep signs of all scripts, set data.cleaning.keep_characters to null, or add these to it."
KEEP_ALL = "  To keep all characters, leave special out of data.cleaning.steps."


@pytest.mark.parametrize(
    ("special", "keep_characters", "expected"),
    [(10, None, []), (11, None, [REMOVED, KEEP_ALL]), (11, ".,", [REMOVED, KEEP_SIGNS, KEEP_ALL])],
)
def test_more_than_one_percent_is_told(
    config: DataConfig, special: int, keep_characters: str | None, expected: list[str]
) -> None:
    statistics = replace(
        prepare(config).statistics, characters_read=1000, cleaning={"special": special}, removed={"\ue000": 2, "█": 9}
    )
    assert describe_removed_characters(statistics, {"keep_characters": keep_characters}) == expected
