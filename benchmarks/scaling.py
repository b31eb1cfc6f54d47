"""Training speed on 1, 2, ... processes (weak and strong scaling), and the cost of the all-reduce.

Every figure is of Lightning's loop, halo's model, loss and optimizer with `trainer.strategy=ddp`: gloo on a CPU, with
one thread in each process, NCCL on GPUs. With weak scaling each process reads `--streams` streams, so a step of more
processes has more tokens. With strong scaling the processes divide `--streams` streams: the same step, divided. Blocks
of five steps with and without the all-reduce take turns (`communication.py`):

- x one: tokens/s relative to one process; divided by the number of processes, it is the efficiency;
- reduce ms: from the start to the end of each all-reduce of a step, which mostly go on during the backward pass;
- exposed: what a step is longer with the all-reduce than without it, as a share of the step;
- MB: what each process sends in a step in a ring, 2 (n - 1) / n times the gradients.

The bytes that DDP hands to the all-reduce are counted, and printed beside those computed from the model. One process
with several threads stands beside the processes, since the cores could be used in that way too.

    python benchmarks/scaling.py
    python benchmarks/scaling.py --ranks 1 2 4 8 16 --modes weak
    python benchmarks/scaling.py --device cuda --ranks 1 2 4 8
    python benchmarks/scaling.py --ranks 1 2 --steps 10 --rounds 1 -- data=text data.path=FILE model.hidden=16
"""

import argparse
import json
import os
import socket
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from communication import WARM_UP, Communication
from measuring import output_of, report
from scaling_plan import all_reduce_bytes
from training import compose

from halo.runs.build import build
from halo.runtime.errors import InputError
from halo.training.callbacks.throughput import Throughput
from halo.training.trainer import build_trainer

MODES = ("weak", "strong")
HEADER = ("ranks", "scaling", "tokens/s", "x one", "reduce ms", "exposed", "MB")


def free_port() -> int:
    """Returns a port of this machine that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def launch(ranks: int, given: argparse.Namespace, folder: Path, *, threads: int = 1) -> dict[str, Any]:
    """Returns the figures of all modes with a number of processes.

    Args:
        ranks: The number of processes.
        given: The arguments of the benchmark.
        folder: Where the processes write.
        threads: Threads of each process.
    """
    arguments = [str(Path(__file__)), "--child", str(folder), "--ranks", str(ranks), "--steps", str(given.steps)]
    arguments += ["--streams", str(given.streams), "--device", given.device, "--modes", *given.modes]
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", str(ranks), "--master-addr", "127.0.0.1"]
    torchrun += ["--master-port", str(free_port())]
    own = {"OMP_NUM_THREADS": str(threads), "TORCH_CPP_LOG_LEVEL": "ERROR"}
    launcher = torchrun if ranks > 1 else []
    output_of(sys.executable, "-W", "ignore", *launcher, *arguments, "--", *given.settings, environment=own)
    figures: dict[str, Any] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return figures


def child(given: argparse.Namespace) -> None:
    """Measures all modes as one of the processes; the first one writes the figures."""
    (ranks,), found = given.ranks, {}
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    for mode in given.modes:
        streams = given.streams * (ranks if mode == "weak" else 1)
        settings = [
            *("callbacks=none", "logger=none", "samples.prompts=[]", "trainer.limit_val_batches=0"),
            *(f"trainer.accelerator={'cpu' if given.device == 'cpu' else 'gpu'}", f"trainer.devices={ranks}"),
            *("trainer.max_epochs=-1", f"trainer.max_steps={WARM_UP + given.steps + 1}", f"data.batch_size={streams}"),
            *(["trainer.strategy=ddp"] if ranks > 1 else []),
        ]
        config = compose([*given.settings, *settings])
        communication = Communication(given.steps)
        trainer = build_trainer(config.trainer, Path(given.child), [Throughput(), communication], [])
        data, module = build(config)
        trainer.fit(module, datamodule=data)
        found[mode] = {
            "milliseconds": 1e3 * statistics.median(communication.with_all_reduce),
            "milliseconds_without": 1e3 * statistics.median(communication.without),
            "all_reduce_milliseconds": 1e3 * statistics.median(communication.all_reduce_seconds),
            "bytes_measured": communication.bytes_per_step,
            "bytes_computed": sum(p.numel() * p.element_size() for p in module.parameters()),
            "tokens_per_step": streams * config.data.sequence_length,
        }
    if os.environ.get("RANK", "0") == "0":
        (Path(given.child) / "figures.json").write_text(json.dumps(found), encoding="utf-8")


def measure(given: argparse.Namespace) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Returns the figures of each round, by the number of processes and the mode."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(given.rounds):
            contenders = [(str(ranks), ranks, 1) for ranks in given.ranks]
            if given.device == "cpu" and given.threads > 1:
                contenders.append((f"1, {given.threads} threads", 1, given.threads))
            for name, ranks, threads in contenders:
                figures = launch(ranks, given, Path(temporary), threads=threads)
                for mode, each in figures.items():
                    found.setdefault((name, mode), []).append(each)
                    print(
                        f"  round {number + 1} of {given.rounds}: {name}, {mode}: {each['milliseconds']:.4g} ms/step",
                        file=sys.stderr,
                        flush=True,
                    )
    return found


def rows_of(found: dict[tuple[str, str], list[dict[str, Any]]]) -> list[list[str]]:
    """Returns the rows of the table, medians of the rounds."""
    rows: list[list[str]] = []
    alone: dict[str, float] = {}
    for (name, mode), rounds in sorted(found.items(), key=lambda each: MODES.index(each[0][1])):
        median = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        ranks = int(name.partition(",")[0])
        rate = median["tokens_per_step"] / median["milliseconds"] * 1e3
        alone.setdefault(mode, rate)
        row = [name, mode, f"{rate:,.0f}", f"{rate / alone[mode]:.2f}"]
        if ranks > 1:
            exposed = max(0.0, 1 - median["milliseconds_without"] / median["milliseconds"])
            sent = all_reduce_bytes(median["bytes_measured"], ranks) / 1e6
            row += [f"{median['all_reduce_milliseconds']:.1f}", f"{exposed:.0%}", f"{sent:.1f}"]
        else:
            row += [""] * 3
        rows.append(row)
    return rows


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--ranks", nargs="+", type=int, default=[1, 2], help="numbers of processes, 1 first")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--streams", type=int, default=32, help="streams of each process, or of all (strong)")
    parser.add_argument("--threads", type=int, default=2, help="of the one process with threads beside; 1: none")
    parser.add_argument("--steps", type=int, default=60, help="measured steps, half of them without all-reduce")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("settings", nargs="*", help="settings of halo.train after --, such as model=awd_lstm")
    given = parser.parse_args()
    try:
        if given.child:
            child(given)
            return
        compose(given.settings)
    except InputError as error:
        raise SystemExit(f"error: {error}") from error
    found = measure(given)
    figures = {f"{name} {mode}": rounds for (name, mode), rounds in found.items()}
    several = [each for (name, _), rounds in found.items() if name.isdecimal() and int(name) > 1 for each in rounds]
    device = "GPUs" if given.device == "cuda" else "processes on a CPU"
    report("scaling", f"Scaling over {device}, medians of {given.rounds} rounds", HEADER, rows_of(found), figures)
    if several:
        measured, computed = several[0]["bytes_measured"], several[0]["bytes_computed"]
        print(f"Gradients of a step: {computed:,} bytes computed from the model, {measured:,} counted by DDP")


if __name__ == "__main__":
    main()
