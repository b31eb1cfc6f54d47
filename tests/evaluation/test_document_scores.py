"""The scores of held-out documents: what a run leaves, and files that may come from anybody."""

import io
from pathlib import Path

import numpy as np
import pytest

from halo.evaluation.document_scores import (
    FILE_NAME,
    MAX_GROUPS,
    DocumentScores,
    is_of,
    read_document_scores,
    scores_as_bytes,
)
from halo.runtime.errors import InputError
from tests.conftest import Run
from tests.support.compared_runs import document_scores


def test_a_run_leaves_the_scores_that_its_figures_were_computed_of(trained: Run) -> None:
    import json

    metrics = json.loads((trained.folder / "metrics.json").read_text())
    scores = read_document_scores(trained.folder)
    assert scores is not None
    assert (trained.folder / "bundle" / FILE_NAME).read_bytes() == (trained.folder / FILE_NAME).read_bytes()
    for split, each in scores.items():
        figures = metrics["splits"][split]
        assert is_of(each, nll=figures["nll"], tokens=figures["tokens"])
        assert len(each.nll) == figures["documents"]
        assert each.texts is not None
        assert each.texts.characters.sum() == figures["characters"]
        bits = (each.nll + each.texts.oov_cost).sum() / np.log(2) / figures["characters"]
        assert bits == pytest.approx(figures["bits_per_character"])
        assert len({row.tobytes() for row in each.texts.hashes}) == figures["documents"]
        assert not is_of(each, nll=figures["nll"] + 0.001, tokens=figures["tokens"])


def test_scores_are_read_as_they_were_written_and_bytes_are_always_the_same(tmp_path: Path) -> None:
    scores = {split: document_scores(4.0, 1, "a", split) for split in ("validation", "test")}
    (tmp_path / FILE_NAME).write_bytes(scores_as_bytes(scores))
    assert scores_as_bytes(scores) == scores_as_bytes(scores)
    found = read_document_scores(tmp_path)
    assert found is not None
    np.testing.assert_array_equal(found["test"].nll, scores["test"].nll)
    assert read_document_scores(tmp_path / "elsewhere") is None


class _Corpus:
    def __init__(self, num_documents: int) -> None:
        self.offsets = {"test": np.arange(num_documents + 1) * 3}
        self.ids = {"test": np.arange(3 * num_documents)}

    def document_texts(self, split: str) -> None:
        return None


def test_very_many_documents_are_put_together() -> None:
    nll = np.arange(2500, dtype=float)
    scores = DocumentScores.of(nll, _Corpus(2500), "test")  # type: ignore[arg-type]
    assert len(scores.nll) == len(scores.hashes) == MAX_GROUPS
    assert scores.nll.sum() == nll.sum()
    assert scores.tokens.sum() == 7500


def spoiled(**changes: object) -> bytes:
    with np.load(
        io.BytesIO(scores_as_bytes({split: document_scores(4.0, 1, "a", split) for split in ("validation", "test")}))
    ) as saved:
        arrays = {**saved, **changes}
    content = io.BytesIO()
    np.savez(content, **{name: array for name, array in arrays.items() if array is not None})
    return content.getvalue()


def compressed() -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, validation_nll=np.zeros(100))
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        spoiled(test_nll=None),
        spoiled(test_nll=np.zeros((3, 4))),
        spoiled(test_nll=np.full(12, np.nan)),
        spoiled(test_tokens=np.full(12, -1)),
        spoiled(test_hashes=np.zeros((12, 3), np.uint8)),
        spoiled(test_nll=np.array(["a"] * 12, dtype=object)),
        compressed(),
        b"x" * 2**21,
    ],
)
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_document_scores(tmp_path)
    assert "\n" not in str(refused.value)
