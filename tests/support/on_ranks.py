"""Trains a configuration in several processes on this machine, as torchrun starts them, and returns what they record.

`python -m tests.support.on_ranks FOLDER` is one of the processes: it trains the cases of FOLDER/cases.json one after
the other, since starting a process takes longer than training a tiny model.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import torch

from tests.conftest import compose_config

ROOT = Path(__file__).parents[2]


class Case(NamedTuple):
    """A run of halo.train: its name, settings, and the resume checkpoint to start from, if any."""

    name: str
    settings: list[str]
    resume: str | None = None


class Recorded(NamedTuple):
    """The loss of each step, averaged over the processes, and the weights at the end."""

    losses: list[float]
    weights: dict[str, torch.Tensor]


class MeanLosses(L.Callback):
    """Records the loss of each step, averaged over the processes as DDP averages gradients."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(float(trainer.strategy.reduce(outputs["loss"].detach().clone(), reduce_op="mean")))


def train_case(case: Case, folder: Path) -> Recorded:
    """Trains a case in this process, and returns what it recorded; on the first process with whole weights."""
    from halo.api.components import make_components
    from halo.config import TrainConfig, parse
    from halo.runs.build import build
    from halo.runs.run_callbacks import RunCallbacks
    from halo.training.sharding import whole_state_dict
    from halo.training.trainer import build_trainer

    config = parse(compose_config("train", [*case.settings, f"run_dir={folder / case.name}"]), TrainConfig)
    (folder / case.name).mkdir(parents=True, exist_ok=True)
    recorder = MeanLosses()
    configured = make_components(config.callbacks, key="callbacks")
    callbacks = RunCallbacks.of(config, [*configured, recorder])
    trainer = build_trainer(config.trainer, folder / case.name, callbacks.in_order(), [])
    data, module = build(config)
    trainer.fit(module, datamodule=data, ckpt_path=case.resume)
    return Recorded(recorder.losses, whole_state_dict(module.model))


def train_on_ranks(cases: list[Case], folder: Path, *, ranks: int) -> dict[str, Recorded]:
    """Trains cases in several processes, and returns what each recorded."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.json").write_text(json.dumps(cases))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **{"WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks), "GROUP_RANK": "0"},
        **{"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "test"},
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.on_ranks", str(folder)]
    processes = []
    for rank in range(ranks):
        own = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
        log = (folder / f"rank{rank}.log").open("w")
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OMP_NUM_THREADS": "1", **shared, **own}
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
    try:
        codes = [process.wait(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert codes == [0] * ranks, (folder / "rank0.log").read_text()[-3000:]
    found = torch.load(folder / "recorded.pt", weights_only=True)
    return {name: Recorded(*recorded) for name, recorded in found.items()}


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    recorded = {
        case[0]: tuple(train_case(Case(*case), folder)) for case in json.loads((folder / "cases.json").read_text())
    }
    if os.environ["RANK"] == "0":
        torch.save(recorded, folder / "recorded.pt")


if __name__ == "__main__":
    main()
