"""Kinds of files: what to do with those that are not read."""

from collections import Counter

import pytest

from halo.corpus.sources.file_kinds import KINDS, described, remedy


@pytest.mark.parametrize("kind", [".pdf", ".docx", ".rtf", ".tex", ".html", ".htm", ".xml", ".xlsx", ".tar", ".epub"])
def test_common_kinds_that_are_not_read_have_a_remedy(kind: str) -> None:
    assert kind not in KINDS
    assert remedy(kind)


def test_many_kinds_are_described_in_one_line() -> None:
    counts = Counter({f".x{number}": 2 for number in range(9)}) + Counter({".y": 1, ".z": 1, "": 1})
    text = described(counts)
    assert text.startswith("2 .x0, ")
    assert text.endswith(", 2 others")
