from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from halo.classification.labelled_documents import LabelledDocuments
from halo.classification.training.batches import LabelledDataModule
from halo.classification.training.module import ClassifierModule, class_weights
from halo.classification.training.new_module import measure_standardisation
from halo.config import ClassifierConfig, parse
from halo.training.trainer import build_trainer
from tests.conftest import compose_config
from tests.support.tiny_classifiers import planted_documents, tiny_classifier

NO_DROPOUT = ("dropout_input=0", "dropout_hidden=0", "dropout_output=0")


def classifier_config(**changes: object) -> ClassifierConfig:
    """Returns the default settings of a classifier with changes."""
    composed = compose_config("classify", [])
    return parse({**composed.classifier, **changes}, ClassifierConfig)


def fitted(documents: LabelledDocuments, folder: Path, **changes: object) -> ClassifierModule:
    """Returns a module that was trained on documents."""
    settings = classifier_config(**changes)
    model = tiny_classifier("lstm", *NO_DROPOUT, num_labels=2, head_hidden=settings.head_hidden).train()
    measure_standardisation(model, documents, seed=1)
    module = ClassifierModule(model, settings=settings, class_weights_C=torch.ones(2))
    data = LabelledDataModule(
        None,  # type: ignore[arg-type]  # only resume checkpoints need the text
        documents,
        batch_size=settings.batch_size,
        max_difference=100,
        word_dropout=0.0,
        seed=1,
    )
    trainer = build_trainer({"max_epochs": settings.epochs, "accelerator": "cpu"}, folder, [], [])
    trainer.fit(module, datamodule=data)
    return module


def test_a_planted_word_is_learnt_and_shuffled_labels_are_not(tmp_path: Path) -> None:
    documents = planted_documents(num_train=120, num_held_out=60)
    settings = {"lr": 0.03, "layer_divisor": 1.0, "gradual_unfreezing": False, "head_hidden": None, "epochs": 10}
    learnt = fitted(documents, tmp_path, **settings)
    assert learnt._val_correct / learnt._val_count > 0.9
    shuffled = np.random.default_rng(1).permutation(documents.splits["train"].targets_N)
    train = replace(documents.splits["train"], targets_N=shuffled)
    guessing = fitted(replace(documents, splits={**documents.splits, "train": train}), tmp_path, **settings)
    assert guessing._val_correct / guessing._val_count < 0.8


def test_layers_are_unfrozen_one_epoch_after_the_other(tmp_path: Path) -> None:
    documents = planted_documents(num_train=20)
    torch.manual_seed(1)
    before = {name: weight.clone() for name, weight in tiny_classifier(num_labels=2, head_hidden=50).named_parameters()}

    def changed(epochs: int) -> set[str]:
        after = dict(fitted(documents, tmp_path, epochs=epochs).model.named_parameters())
        return {name for name in before if not torch.equal(before[name], after[name])}

    assert {name.split(".")[0] for name in changed(1)} == {"head"}
    two = changed(2)
    assert any(name.startswith("encoder.layers.1.") for name in two)
    assert not any(name.startswith(("encoder.layers.0.", "encoder.embedding.")) for name in two)


def test_balanced_weights_make_labels_count_alike() -> None:
    targets_N = np.array([*[0] * 90, *[1] * 10])
    weights_C = class_weights(targets_N, 3, kind="balanced")
    sums = np.bincount(targets_N, weights=weights_C.numpy()[targets_N])
    assert sums == pytest.approx([50, 50])
    assert class_weights(targets_N, 3, kind="none").tolist() == [1, 1, 1]
