import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from halo.bundle.loading import load_bundle, load_run
from halo.classification.classifier_bundle import is_classifier, load_classifier, save_classifier
from halo.classification.probabilities import predict_logits
from halo.config import SavedConfig
from halo.runtime.errors import InputError
from tests.conftest import MODELS, data_config, model_config
from tests.support.tiny_classifiers import saved_classifier, tiny_classifier, tiny_tokenizer

DOCUMENTS = [np.array([4, 5, 6, 1]), np.array([3, 1])]


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_classifier_predicts_like_the_saved_one(name: str, tmp_path: Path) -> None:
    model = tiny_classifier(name, head_hidden=5)
    model.set_standardisation(torch.randn(20, len(model.center_F)))
    config = SavedConfig(data=data_config(), model=model_config(name))
    save_classifier(
        tmp_path / "run" / "bundle",
        model=model,
        tokenizer=tiny_tokenizer(),
        config=config,
        labels=("a b", "ö", "1"),
        temperature=1.5,
        head_hidden=5,
        settings={"epochs": 3},
    )
    for folder in (tmp_path / "run", tmp_path / "run" / "bundle"):
        loaded = load_classifier(folder)
        assert is_classifier(folder)
        assert (loaded.labels, loaded.temperature, loaded.settings) == (("a b", "ö", "1"), 1.5, {"epochs": 3})
        np.testing.assert_allclose(predict_logits(loaded.model, DOCUMENTS), predict_logits(model, DOCUMENTS), rtol=1e-6)


def test_a_classifier_is_no_language_model_and_the_reverse(tmp_path: Path) -> None:
    saved_classifier(tmp_path / "run" / "bundle")
    for load, folder in ((load_bundle, tmp_path / "run" / "bundle"), (load_run, tmp_path / "run")):
        with pytest.raises(InputError, match=r"a classifier; halo\.predict uses it"):
            load(folder)
    (tmp_path / "run" / "bundle" / "classifier.json").unlink()
    with pytest.raises(InputError, match=r"a language model, not a classifier; train one from it with halo\.classify"):
        load_classifier(tmp_path / "run" / "bundle")
    with pytest.raises(InputError, match="no such folder"):
        load_classifier(tmp_path / "nothing")


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["only one"]},
        {"labels": ["same", "same"]},
        {"labels": ["a", 1]},
        {"temperature": 0},
        {"temperature": float("nan")},
        {"temperature": True},
        {"head_hidden": 2**40},
        {"head_hidden": 7},
        {"labels": [f"{number}" for number in range(60_000)]},
        {"settings": []},
        {"format": 99},
    ],
    ids=str,
)
def test_a_spoilt_description_is_refused_in_one_line(changes: dict[str, Any], tmp_path: Path) -> None:
    saved_classifier(tmp_path / "bundle")
    file = tmp_path / "bundle" / "classifier.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(InputError) as error:
        load_classifier(tmp_path / "bundle")
    assert len(str(error.value).splitlines()) == 1


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        saved_classifier(tmp_path / "bundle")
        contents.append({file.name: file.read_bytes() for file in (tmp_path / "bundle").iterdir()})
    assert contents[0] == contents[1]
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
