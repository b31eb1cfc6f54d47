"""What the examples in docstrings can use."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir

from halo.bundle.loading import load_bundle
from halo.bundle.saving import save_bundle
from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import save_classifier
from halo.config import SavedConfig, TrainConfig, conf_dir, parse
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model whose weights are all 0, so that it predicts every token with the same probability."""
    with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        composed = compose("train", ["run_dir=x", "model.hidden=4", "model.embedding=4", "model.pointer_tokens=null"])
    config = parse(composed, TrainConfig)
    tokenizer = TextTokenizer.train(["the virus spreads in the air"], kind="word", min_count=1, max_size=None)
    model = build_model(config.model, tokenizer.words())
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    folder = tmp_path_factory.mktemp("examples") / "bundle"
    saved = SavedConfig(data=config.data, model=config.model)
    statistics = WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {})
    save_bundle(
        folder,
        model=model,
        tokenizer=tokenizer,
        word_statistics=statistics,
        config=saved,
        metrics={},
        model_card="",
    )
    return folder


@pytest.fixture(scope="session")
def classifier_folder(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved classifier whose weights are all 0, so that its two labels are equally probable for every text."""
    bundle = load_bundle(bundle_folder)
    model = TextClassifier(bundle.model, 2, eos_id=bundle.tokenizer.eos_id)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    folder = tmp_path_factory.mktemp("examples") / "classifier"
    save_classifier(
        folder,
        model=model,
        tokenizer=bundle.tokenizer,
        config=bundle.config,
        labels=("bad", "good"),
        temperature=1.0,
        head_hidden=None,
        settings={},
    )
    return folder


@pytest.fixture(autouse=True)
def _names_of_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    """Puts the folders of a model and of a classifier into the examples of the Python API."""
    if request.node.name.startswith("halo.api."):
        doctest_namespace["bundle_folder"] = request.getfixturevalue("bundle_folder")
    if request.node.name.startswith("halo.api.classifier."):
        doctest_namespace["classifier_folder"] = request.getfixturevalue("classifier_folder")
