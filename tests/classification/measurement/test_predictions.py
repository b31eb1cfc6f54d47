"""The file of predictions."""

from pathlib import Path

import numpy as np
import pytest

from halo.classification.measurement.predictions import Predictions, load_predictions, save_predictions
from halo.runtime.errors import InputError


def test_predictions_are_read_as_they_were_written_without_pickle(tmp_path: Path) -> None:
    probabilities = {"classifier": np.array([[0.2, 0.8]]), "tfidf": np.array([[0.5, 0.5]])}
    test = Predictions(("déjà vu", "a label with spaces"), np.array([1]), probabilities, np.array([7]))
    save_predictions(tmp_path / "predictions.npz", {"validation": test, "test": test})
    found = load_predictions(tmp_path / "predictions.npz")
    assert list(found) == ["test", "validation"]
    assert found["test"].labels == test.labels
    assert found["test"].targets_N.tolist() == [1]
    assert found["test"].documents.tolist() == [7]
    assert {model: each.tolist() for model, each in found["test"].probabilities.items()} == {
        model: each.tolist() for model, each in probabilities.items()
    }


@pytest.mark.parametrize("content", [None, b"not an archive", b"PK\x03\x04"])
def test_a_missing_or_damaged_file_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "predictions.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"no predictions of halo\.classify"):
        load_predictions(file)


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "predictions.npz", labels=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="no predictions"):
        load_predictions(tmp_path / "predictions.npz")
