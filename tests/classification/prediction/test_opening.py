"""A saved classifier is opened where it lies, and what is none is refused."""

from pathlib import Path

import pytest
import torch

from halo.classification.prediction.classifications import classify_texts
from halo.classification.prediction.opening import open_classifier
from halo.runtime.errors import InputError
from tests.support.opened_classifiers import saved_classifier, tiny_classifier

TEXTS = ["the virus spreads", "so fast"]


def test_a_saved_classifier_says_the_same(tmp_path: Path) -> None:
    saved = tiny_classifier()
    opened = open_classifier(saved_classifier(tmp_path / "run" / "bundle", saved), device="cpu")
    assert [*classify_texts(opened, TEXTS)] == [*classify_texts(saved, TEXTS)]
    assert not opened.model.training
    assert open_classifier(tmp_path / "run", device="cpu").labels == saved.labels
    assert next(opened.model.parameters()).device == torch.device("cpu")


def test_a_device_or_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = saved_classifier(tmp_path / "bundle", tiny_classifier())
    with pytest.raises(InputError, match="device=abacus"):
        open_classifier(folder, device="abacus")
    with pytest.raises(InputError, match="no such folder"):
        open_classifier(tmp_path / "nowhere", device="cpu")
