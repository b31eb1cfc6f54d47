"""Each trial gets its share of the cores, or GPUs of its own."""

from dataclasses import replace

import pytest

from halo.config import TrainConfig, parse
from halo.runtime.errors import InputError
from halo.sweeping.workers import resources
from halo.sweeping.workers.resources import environments, too_many_workers
from tests.conftest import compose_config

found_gpus = resources._gpus  # before the tests replace it


@pytest.fixture
def config() -> TrainConfig:
    return parse(compose_config("train", ["run_dir=x"]), TrainConfig)


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(resources, "num_cores", lambda: 8)
    monkeypatch.setattr(resources, "_gpus", list)


def test_cores_are_divided_among_trials_and_their_processes(config: TrainConfig) -> None:
    assert environments(config, 1) == [{}]
    assert environments(config, 4) == [{"OMP_NUM_THREADS": "2"}] * 4
    assert environments(config, 20)[0] == {"OMP_NUM_THREADS": "1"}
    two = replace(config, trainer={**config.trainer, "devices": 2, "accelerator": "cpu"})
    assert environments(two, 2) == [{"OMP_NUM_THREADS": "2"}] * 2
    assert too_many_workers(two, 4) is None
    assert str(too_many_workers(two, 8)).startswith("workers=8 of 2 processes on 8 cores")


def test_the_users_number_of_threads_is_left_alone(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environments(config, 2) == [{}, {}]


def test_each_trial_gets_gpus_of_its_own(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_gpus", lambda: ["4", "5", "6", "7"])
    assert environments(config, 1) == [{}]
    assert environments(config, 2) == [{"CUDA_VISIBLE_DEVICES": "4"}, {"CUDA_VISIBLE_DEVICES": "5"}]
    two = replace(config, trainer={**config.trainer, "devices": 2})
    assert environments(two, 2)[1] == {"CUDA_VISIBLE_DEVICES": "6,7"}
    with pytest.raises(InputError, match=r"workers=3: trainer.devices=2 needs 6 GPUs.* has 4; use workers=2"):
        environments(two, 3)
    on_cpu = replace(config, trainer={**config.trainer, "accelerator": "cpu"})
    assert environments(on_cpu, 2) == [{"OMP_NUM_THREADS": "4"}] * 2


def test_visible_gpus_are_those_of_the_environment() -> None:
    assert found_gpus({"CUDA_VISIBLE_DEVICES": "2, 5"}) == ["2", "5"]
    assert found_gpus({"CUDA_VISIBLE_DEVICES": ""}) == found_gpus({"CUDA_VISIBLE_DEVICES": "-1"}) == []
