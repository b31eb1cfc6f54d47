"""Checks on a machine with a GPU what a laptop cannot: training, strategies, stops, and speed, in five minutes.

Each check starts commands of its own and has a time limit; one that fails or does not end in time does not keep the
next ones from running. Checks without timings share the machine; those that measure speed run alone. The last lines
are a summary, also in outputs/device_check/summary.json. With `--device cpu` every check runs on a CPU, to try it out.

    python benchmarks/device_check.py
    python benchmarks/device_check.py --checks train stop --minutes 3
    python benchmarks/device_check.py --device cpu -- data=text data.path=FILE model.hidden=16

A loss is compared at each of the first 50 steps, without dropout and with a full softmax: a GPU adds up in another
order, so float32 may differ by 0.1 % from a CPU, and bfloat16 by 2 %; strategies on one device only by 0.01 %.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from device_commands import BENCHMARKS, FailedError, Machine
from step_losses import read_losses

STEPS = 50
STOP_STEPS = 120
NO_DROPOUT = [f"model.dropout_{place}=0" for place in ("input", "hidden", "output")]
COMPARED = [*NO_DROPOUT, "sampled_softmax.num_frequent=null", f"trainer.max_steps={STEPS}", "samples.prompts=[]"]
AT_ONCE = 6
"""Commands that share the machine."""


class Check(NamedTuple):
    """One check.

    Attributes:
        name: Its name on the command line.
        seconds: Its time limit.
        run: Runs it and returns a line about the result.
    """

    name: str
    seconds: float
    run: Callable[[Machine], str]


def environment(machine: Machine) -> str:
    """Names the versions and the device."""
    code = (
        "import sys, os, torch, lightning; "
        "gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else 'no GPU'; "
        "print(sys.version.split()[0], torch.__version__, lightning.__version__, os.cpu_count(), gpu, sep='; ')"
    )
    found = machine.run("-c", code).strip().splitlines()[-1]
    if machine.device == "cuda" and "no GPU" in found:
        raise FailedError(f"PyTorch finds no GPU: {found}")
    return f"Python; torch; Lightning; cores; device: {found}"


def train(machine: Machine) -> str:
    """Trains a few hundred steps, and finds the device in metrics.json."""
    printed = machine.run("-m", *machine.training("train", "trainer.max_steps=300"))
    metrics = json.loads((machine.folder / "train/metrics.json").read_text(encoding="utf-8"))
    device = metrics["environment"]["device"]
    if (device == "cpu") != (machine.device == "cpu"):
        raise FailedError(f"metrics.json names another device: {device}")
    rate = next((line.strip() for line in printed.splitlines() if "tokens/s in training" in line), "")
    return f"{device}; test perplexity {metrics['test_perplexity']:.1f}; {rate}"


def compared(
    name: str, reference: str | None, *settings: str, tolerance: float = 1e-4, trainer: str | None = None
) -> Callable[[Machine], str]:
    """Returns a check that trains 50 steps, and compares their losses with those of another check, if any."""

    def check(machine: Machine) -> str:
        own = [*settings, *(["trainer.accelerator=cpu"] if machine.device == "cpu" else [])]
        machine.run("-m", *machine.training(name, *COMPARED, *own, trainer=trainer))
        return machine.same_losses(name, reference, tolerance=tolerance) if reference else f"{STEPS} losses written"

    return check


def torchrun(machine: Machine) -> str:
    """Trains as torchrun starts it."""
    command = machine.training("torchrun", *COMPARED, "trainer.strategy=ddp")
    machine.run("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=1", "-m", *command)
    return machine.same_losses("torchrun", "device", tolerance=1e-4)


def sharded_bundle(machine: Machine) -> str:
    """Loads the bundle of the sharded run on the CPU, and compares its weights with those of the plain run."""
    code = (
        "import sys, torch, halo; from safetensors.torch import load_file; "
        "one, two = (load_file(f'{name}/bundle/model.safetensors') for name in sys.argv[1:]); "
        "assert one.keys() == two.keys(); "
        "print(max(float((one[key] - two[key]).abs().max()) for key in one)); "
        "print(halo.load(sys.argv[1], device='cpu').num_parameters)"
    )
    difference, parameters = machine.run("-c", code, "fsdp", "device").split()[-2:]
    if float(difference) > 1e-3:
        raise FailedError(f"weights differ by {difference}")
    return f"{parameters} parameters load on the CPU; weights differ by {float(difference):.1e} at most"


def stop(machine: Machine) -> str:
    """Stops a training by SIGTERM, resumes it, and compares it with one that was not stopped."""
    limit = [f"trainer.max_steps={STOP_STEPS}", "samples.prompts=[]"]
    whole = machine.start("-m", *machine.training("whole", *limit))
    stopped = machine.start("-m", *machine.training("stopped", *limit))
    file = machine.losses("stopped")
    while not file.exists() or len(read_losses(file)) < STOP_STEPS // 4:
        if stopped.poll() is not None or time.monotonic() > machine.ends:
            break
        time.sleep(0.05)
    os.kill(stopped.pid, signal.SIGTERM)
    machine.wait(stopped, status=143)
    steps = max(read_losses(file))
    machine.run("-m", *machine.training("stopped", *limit, "resume=auto"))
    machine.wait(whole)
    exact = read_losses(file) == read_losses(machine.losses("whole"))
    said = machine.same_losses("stopped", "whole", tolerance=1e-4)
    return f"stopped after step {steps} with exit status 143; {'bit for bit, ' if exact else ''}{said}"


def sweep(workers: int, trials: int) -> Callable[[Machine], str]:
    """Returns a check that runs a small study on the device."""

    def check(machine: Machine) -> str:
        folder = machine.folder / f"sweep{workers}"
        space = ["search_space=learning_rate", "sampler=random", "pruner=none"]
        own = [*space, f"num_trials={trials}", f"workers={workers}", f"study=check{workers}", f"sweep_dir={folder}"]
        shared = [machine.trainer, f"data.cache_dir={machine.folder / 'cache'}", *machine.settings]
        shares_gpu = machine.device == "cuda" and workers > machine.num_gpus
        printed = machine.run(
            "-m", "halo.sweep", *own, *shared, "debug=fast", "trainer.max_steps=40", status=2 if shares_gpu else 0
        )
        if shares_gpu:
            return f"refused, as the workers would share a GPU: {printed.strip()}"
        done = len(list(folder.glob("trials/*/metrics.json")))
        table = (folder / "sweep.csv").exists()
        last = [line for line in printed.strip().splitlines() if line.strip()][-1].strip()
        if not done:
            raise FailedError(f"no trial has finished: {last}")
        return f"{done} of {trials} trials finished, {workers} at once; sweep.csv {'is there' if table else 'MISSING'}"

    return check


def evaluate(machine: Machine) -> str:
    """Evaluates, scores and generates on the device and on the CPU, with the same results."""
    text = machine.folder / "words.txt"
    text.write_text("The vaccine was tested on many people.\nThey say that it works.\n", encoding="utf-8")
    commands = {
        "evaluate": ["halo.evaluate", "run=train", f"cache_dir={machine.folder / 'cache'}", "split=test"],
        "score": ["halo.score", "run=train", f"path={text}", "ngrams=false"],
        "generate": ["halo.generate", "run=train", "prompt=the", "temperature=0", "num_words=20"],
    }
    devices = {each: "cpu" if each == "cpu" else machine.device for each in ("cpu", "device")}
    started = {
        (name, device): machine.start("-m", *command, f"device={chosen}")
        for name, command in commands.items()
        for device, chosen in devices.items()
    }
    printed = {key: machine.wait(process) for key, process in started.items()}
    differ = [name for name in commands if not same_text(printed[name, "cpu"], printed[name, "device"])]
    if differ:
        shown = " | ".join(f"{printed[differ[0], device].strip()[-150:]!r}" for device in devices)
        raise FailedError(f"{', '.join(differ)} differ: {shown}")
    return "evaluate, score and generate give the same figures and words as on the CPU"


def same_text(one: str, other: str, *, tolerance: float = 2e-3) -> bool:
    """Returns whether two outputs have the same words, and numbers that agree up to a relative tolerance.

    >>> same_text("perplexity 25.001 of 3", "perplexity 25.0 of 3"), same_text("2 words", "3 words")
    (True, False)
    """
    pairs = [each.replace(",", " ").replace("|", " ").split() for each in (one, other)]
    if len(pairs[0]) != len(pairs[1]):
        return False
    for left, right in zip(*pairs, strict=True):
        if left == right or {"cpu", "cuda"} & {left.strip(",\"'.:"), right.strip(",\"'.:")}:
            continue
        try:
            first, second = float(left.strip("%")), float(right.strip("%"))
        except ValueError:
            return False
        if abs(first - second) > max(tolerance * abs(first), 0.02):
            return False
    return True


def benchmark(script: str, *arguments: str) -> Callable[[Machine], str]:
    """Returns a check that runs a benchmark and returns its table."""

    def check(machine: Machine) -> str:
        settings = [*machine.settings, f"data.cache_dir={machine.folder / 'cache'}"]
        machine.run(str(BENCHMARKS / script), *arguments, "--", *settings)
        written = (machine.folder / "outputs/benchmarks" / script).with_suffix(".md").read_text(encoding="utf-8")
        return "\n".join(["measured", *(f"    {line}" for line in written.splitlines() if line)])

    return check


def checks(device: str, ranks: Sequence[int]) -> list[list[Check]]:
    """Returns the checks: those of a list run at once, one list after the other."""
    few, counts = ("--steps", "40", "--rounds", "1"), [str(number) for number in ranks]
    scaling = benchmark("scaling.py", "--ranks", *counts, "--modes", "weak", "--threads", "1", *few)
    sizes = ("tiny",) if device == "cpu" else ("default", "awd")
    precision = "float32" if device == "cpu" else "bfloat16"
    speed = benchmark("gpu.py", "--device", device, "--sizes", *sizes, "--precision", precision, *few)
    return [
        [Check("environment", 40, environment)],
        [Check("train", 90, train)],
        [
            Check("cpu", 90, compared("cpu", None, trainer="trainer=cpu")),
            Check("device", 90, compared("device", None)),
        ],
        [
            Check("same as cpu", 1, lambda machine: machine.same_losses("device", "cpu", tolerance=1e-3)),
            Check("sweep", 110, sweep(1, 4)),
            Check("stop", 110, stop),
            Check("sweep 2 workers", 110, sweep(2, 2)),
            Check("fsdp", 80, compared("fsdp", "device", "trainer.devices=1", trainer="trainer=fsdp")),
            Check("ddp", 80, compared("ddp", "device", "trainer.devices=1", trainer="trainer=ddp")),
            Check("torchrun", 80, torchrun),
            Check("bf16", 80, compared("bf16", "device", "trainer.precision=bf16-mixed", tolerance=2e-2)),
            Check("evaluate", 80, evaluate),
        ],
        [Check("sharded bundle", 30, sharded_bundle)],
        [Check("scaling", 100, scaling)],
        [Check("gpu", 110, speed)],
    ]


def attempt(check: Check, machine: Machine) -> dict[str, object]:
    """Runs a check, and returns its name, result and duration."""
    began = time.monotonic()
    try:
        if began > machine.ends:
            raise FailedError("not run: no time is left")
        outcome, said = "ok", check.run(machine.within(check.seconds))
    except FailedError as error:
        outcome, said = "FAILED", str(error)
    except Exception as error:  # a check must not keep the others from running
        outcome, said = "FAILED", f"{type(error).__name__}: {error}"
    found = {"check": check.name, "outcome": outcome, "seconds": round(time.monotonic() - began, 1), "said": said}
    print(f"  {found['check']}: {outcome}, {found['seconds']} s", file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Runs the checks and prints the summary; the exit status is 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--checks", nargs="+", metavar="NAME", help="names of checks; all by default")
    parser.add_argument("--minutes", type=float, default=5, help="time after which nothing is started any more")
    parser.add_argument("--patience", type=float, default=1, help="factor of the checks' time limits")
    parser.add_argument("--ranks", nargs="+", type=int, default=[1, 2, 4, 8, 16], help="processes of the scaling check")
    parser.add_argument("--folder", type=Path, default=Path("outputs/device_check"), help="a new folder for everything")
    parser.add_argument("settings", nargs="*", help="settings of each training after --, such as data.path")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True)
    machine = Machine(given.device, folder, given.settings, time.monotonic() + 60 * given.minutes, given.patience)
    found: list[dict[str, object]] = []
    for group in checks(given.device, given.ranks):
        chosen = [check for check in group if given.checks is None or check.name in given.checks]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found += pool.map(lambda check: attempt(check, machine), chosen)
        (folder / "summary.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    for each in found:
        print(f"{each['outcome']:>6} {each['seconds']:>6} s  {each['check']}: {each['said']}")
    failed = [each for each in found if each["outcome"] != "ok"]
    print(f"{len(found) - len(failed)} of {len(found)} checks passed on {given.device}")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
