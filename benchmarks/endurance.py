"""Looks for leaks: memory or open files that grow in long runs, and state that passes from one sweep job to the next.

    python benchmarks/endurance.py             # takes some minutes
    python benchmarks/endurance.py --steps 2000 --tokens 20000 --jobs 5

Training: --steps steps of a small model in short epochs, with validation, logs, checkpoints and samples. Generation:
--tokens words in one process. Sweep: --jobs jobs in one process, each compared bit for bit with the same job run alone.
The first tenth of each part is warm-up: memory and open files at its end are compared with the maximum after it.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from footprint import memory_mib, open_files
from measuring import output_of, report

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' comparison of runs
from tests.support.same_runs import metrics, weights

TEXT = Path(__file__).parents[1] / "src/halo/corpora/covid_discussions.jsonl"
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)}
SETTINGS = [
    *("data=text", "data.path=text.jsonl", "data.batch_size=4", "data.sequence_length=16", "data.eval_batch_size=3"),
    *("model.embedding=16", "model.hidden=16", "trainer=cpu", "samples.num_words=5", "data.cache_dir=cache"),
    "callbacks.early_stopping.patience=1000000",
]
ROWS: list[list[str]] = []
FIGURES: dict[str, object] = {}


def note(name: str, seen: list[tuple[int, float, int]]) -> None:
    """Adds a row: memory and open files after the warm-up, and how much they grew at most after it."""
    settled, *later = seen[len(seen) // 10 :]
    growth = max(each[1] for each in later) - settled[1]
    files = max(each[2] for each in later) - settled[2]
    ROWS.append([name, f"{settled[1]:.0f}", f"{growth:+.1f}", str(settled[2]), f"{files:+d}"])
    FIGURES[name] = {"seen": seen, "growth_mib": growth, "growth_files": files}


def train(steps: int) -> None:
    """Trains for the given number of steps."""
    footprint = ["_target_=footprint.Footprint", "file=footprint.json", f"every_n_steps={max(1, steps // 100)}"]
    limits = ["run_dir=long", f"trainer.max_steps={steps}", "trainer.max_epochs=1000000", "schedule=constant"]
    parts = [f"+callbacks.footprint.{each}" for each in footprint]
    output_of(sys.executable, "-m", "halo.train", *SETTINGS, *limits, *parts, environment=ENVIRONMENT)
    note(f"training, {steps:,} steps", json.loads(Path("footprint.json").read_text(encoding="utf-8")))


def generate(tokens: int) -> None:
    """Generates the given number of words with the model of `train`, a thousand at a time."""
    from halo.bundle.loading import open_model
    from halo.config import default_sampling
    from halo.generation.generator import generate
    from halo.generation.prompts import encode_prompt

    opened = open_model(run="long", bundle=None, device="cpu")
    sampling = default_sampling(num_words=1000)
    prompt = encode_prompt("the virus", opened.tokenizer, opened.config.data.cleaning)
    seen = []
    for number in range(tokens // 1000):
        generate(opened.model, opened.tokenizer, prompt, num_samples=1, sampling=sampling)
        seen.append((1000 * (number + 1), memory_mib(), open_files()))
    note(f"generation, {tokens:,} words", seen)


def sweep(jobs: int) -> None:
    """Runs the given number of jobs in one process, and each of them alone."""
    seeds = ",".join(map(str, range(1, jobs + 1)))
    short = [*SETTINGS, "trainer.max_epochs=1", "+callbacks.footprint._target_=footprint.Footprint"]
    short += ["+callbacks.footprint.every_n_steps=10", "+callbacks.footprint.file=${run_dir}/footprint.json"]
    command = [sys.executable, "-m", "halo.train"]
    output_of(*command, "-m", *short, f"seed={seeds}", "hydra.sweep.dir=sweep", environment=ENVIRONMENT)
    identical = 0
    for job in range(jobs):
        output_of(*command, *short, f"seed={job + 1}", f"run_dir=alone/{job}", environment=ENVIRONMENT)
        swept, alone = Path("sweep") / str(job), Path("alone") / str(job)
        same_weights = all(torch.equal(each, weights(alone)[name]) for name, each in weights(swept).items())
        identical += same_weights and metrics(swept) == metrics(alone)
    lasts = [json.loads((Path("sweep") / str(job) / "footprint.json").read_text())[-1] for job in range(jobs)]
    note(f"sweep, {jobs} jobs in one process", [(job, mib, files) for job, (_, mib, files) in enumerate(lasts)])
    ROWS.append([f"sweep: jobs identical to the same job run alone: {identical} of {jobs}", "", "", "", ""])
    FIGURES["identical_jobs"] = identical


@contextlib.contextmanager
def small_text() -> Iterator[None]:
    """Changes to a temporary folder that holds a short text."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        lines = TEXT.read_text(encoding="utf-8").splitlines(keepends=True)
        Path("text.jsonl").write_text("".join(lines[::15]), encoding="utf-8")
        yield


def main() -> None:
    """Runs the three parts and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--tokens", type=int, default=200_000)
    parser.add_argument("--jobs", type=int, default=30)
    given = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    torch.set_num_threads(1)
    with small_text():
        train(given.steps)
        generate(given.tokens)
        sweep(given.jobs)
    header = ("", "MiB after warm-up", "growth, MiB", "open files", "growth")
    report("endurance", "Growth in long runs", header, ROWS, FIGURES)


if __name__ == "__main__":
    main()
