"""The data module serves every split of the prepared corpus with the settings of its kind."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from halo.config import TrainConfig
from halo.data.datamodule import CorpusDataModule
from halo.data.streams import IGNORED, StreamLoader


@pytest.fixture
def data(tiny_config: TrainConfig) -> CorpusDataModule:
    return CorpusDataModule(tiny_config.data, seed=1)


def loaders(data: CorpusDataModule) -> dict[str, StreamLoader]:
    return {"train": data.train_dataloader(), "validation": data.val_dataloader(), "test": data.test_dataloader()}


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_targets_of_a_split_are_its_ids(data: CorpusDataModule, split: str) -> None:
    targets = np.concatenate([window.targets_BT.numpy() for window in loaders(data)[split]], axis=1)
    assert targets[targets != IGNORED].tolist() == data.corpus.ids[split].tolist()


def test_batch_sizes_are_those_of_training_and_evaluation(data: CorpusDataModule) -> None:
    sizes = {split: len(next(iter(loader)).inputs_BT) for split, loader in loaders(data).items()}
    assert sizes == {"train": 4, "validation": 3, "test": 3}


def test_only_training_windows_vary_in_length(tiny_config: TrainConfig) -> None:
    data = CorpusDataModule(replace(tiny_config.data, variable_sequence_length=True), seed=1)
    lengths = {split: {w.inputs_BT.size(1) for w in list(loader)[:-1]} for split, loader in loaders(data).items()}
    assert len(lengths["train"]) > 3
    assert lengths["validation"] == lengths["test"] == {16}


def test_the_seed_determines_the_window_lengths(tiny_config: TrainConfig) -> None:
    def lengths(seed: int) -> list[int]:
        data = CorpusDataModule(replace(tiny_config.data, variable_sequence_length=True), seed=seed)
        return [window.inputs_BT.size(1) for window in data.train_dataloader()]

    assert lengths(1) == lengths(1)
    assert lengths(1) != lengths(2)


def test_a_window_on_the_cpu_stays_as_it_is(data: CorpusDataModule) -> None:
    window = next(iter(data.train_dataloader()))
    moved = data.transfer_batch_to_device(window, torch.device("cpu"), 0)
    assert torch.equal(moved.inputs_BT, window.inputs_BT)
    assert torch.equal(moved.targets_BT, window.targets_BT)
    assert moved.num_targets == window.num_targets
