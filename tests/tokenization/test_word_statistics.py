"""The statistics of a vocabulary: written and read again, and refused where they are damaged."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.runtime.errors import InputError
from halo.tokenization.word_statistics import WordStatistics


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    WordStatistics(np.array([1, 0, 2**40]), {"élan": "Élan", "straße": "Straße"}).save(tmp_path / "statistics.json")
    loaded = WordStatistics.load(tmp_path / "statistics.json", vocab_size=3)
    assert loaded.counts.tolist() == [1, 0, 2**40]
    assert loaded.cased_forms == {"élan": "Élan", "straße": "Straße"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        {"counts": [1]},
        {"counts": [1], "cased_forms": {}},
        {"counts": [1, -1], "cased_forms": {}},
        {"counts": [1, 0.5], "cased_forms": {}},
        {"counts": [1, 2**70], "cased_forms": {}},
        {"counts": 2, "cased_forms": {}},
        {"counts": [1, 2], "cased_forms": {"the": "\x1b[31mThe"}},
        {"counts": [1, 2], "cased_forms": {"the": 3}},
        {"counts": [1, 2], "cased_forms": ["the"]},
    ],
)
def test_damaged_statistics_are_refused(content: Any, tmp_path: Path) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "statistics.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"statistics\.json: not the word statistics of this model"):
        WordStatistics.load(tmp_path / "statistics.json", vocab_size=2)
