"""Further classifiers start from the same language model, which they leave as it is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from halo.classification.labelled_documents import labelled_documents
from halo.classification.probabilities import predict_logits
from halo.classification.training import further_classifiers
from halo.classification.training.further_classifiers import further_classifier
from halo.corpus.prepare import prepare
from tests.classification.training.test_fit_classifier import configs, reviews  # noqa: F401  a fixture
from tests.support.tiny_classifiers import WORDS, tiny_language_model

pytestmark = pytest.mark.slow


def test_a_seed_gives_the_same_classifier_and_the_language_model_stays(
    reviews: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(further_classifiers, "MIN_UPDATES", 4)
    config, _ = configs(reviews, tmp_path / "run")
    corpus, encoder = prepare(config.data), tiny_language_model(WORDS)
    before = {name: weight.clone() for name, weight in encoder.model.state_dict().items()}
    documents = labelled_documents(corpus, config.data).with_training_subset(4, seed=0)
    logits = [
        predict_logits(
            further_classifier(documents, seed, config=config, encoder=encoder, corpus=corpus),
            documents.splits["test"].ids,
        )
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(logits[0], logits[1])
    assert not np.allclose(logits[0], logits[2])
    assert all(torch.equal(weight, before[name]) for name, weight in encoder.model.state_dict().items())
    assert not (tmp_path / "run").exists()
