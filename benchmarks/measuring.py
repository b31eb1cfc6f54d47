"""Shared code of the benchmarks: contenders that take turns, a description of the machine, and the report files."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from halo.reports.console import table
from halo.runtime.atomic_files import atomic_write

FOLDER = Path("outputs/benchmarks")


def in_turn(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Calls each contender once per round, so that a slow minute of the machine affects all of them."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, contender in contenders.items():
            found[name].append(contender())
            print(f"  round {number + 1} of {rounds}: {name} {found[name][-1]:.4g}", file=sys.stderr, flush=True)
    return found


def medians(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Returns the median of each contender."""
    return {name: statistics.median(figures) for name, figures in found.items()}


def output_of(*command: str | Path, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Returns the output of a command; exits with its messages if it fails."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


def matrix_rate(rows: int, inner: int, columns: int, dtype: torch.dtype = torch.float32) -> float:
    """Returns the GFLOP/s of a product of two matrices, the best within half a second."""
    left, right = torch.randn(rows, inner).to(dtype), torch.randn(columns, inner).to(dtype)
    best, until = float("inf"), time.perf_counter() + 0.5
    while (began := time.perf_counter()) < until:
        left @ right.T
        best = min(best, time.perf_counter() - began)
    return 2 * rows * inner * columns / best / 1e9


def memory_rate() -> float:
    """Returns the GB/s read and written when 256 MB are copied, the best within half a second."""
    source = torch.ones(64 * 2**20)
    target = source.clone()  # pages that exist already: the first copy into new ones can outlast the half second
    best, until = float("inf"), time.perf_counter() + 0.5
    while (began := time.perf_counter()) < until:
        target.copy_(source)
        best = min(best, time.perf_counter() - began)
    return 2 * source.nbytes / best / 1e9


def write_python_files(file: Path, megabytes: float) -> None:
    """Writes Python files of the environment as JSON Lines, up to a size: a text with a large vocabulary."""
    left = megabytes * 1e6
    packages = Path(sysconfig.get_paths()["purelib"])
    with file.open("w", encoding="utf-8") as stream:
        for source in sorted(packages.rglob("*.py")):
            text = source.read_text(encoding="utf-8", errors="replace")
            if 2000 < len(text) < 200_000 and left > 0:
                left -= stream.write(json.dumps({"text": text}) + "\n")


def machine() -> dict[str, Any]:
    """Returns a description of this machine: its processor, and the speed of matrix products and of memory."""
    file = Path("/proc/cpuinfo")  # Linux only
    named = re.search(r"model name\s*: (.*)", file.read_text(encoding="utf-8") if file.exists() else "")
    return {
        "processor": named[1] if named else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "float32_gflops": round(matrix_rate(1024, 1024, 1024), 1),
        "bfloat16_gflops": round(matrix_rate(1024, 1024, 1024, torch.bfloat16), 1),
        "memory_gb_per_second": round(memory_rate(), 1),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def report(
    name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], figures: Mapping[str, Any]
) -> None:
    """Prints a table and writes it to outputs/benchmarks/NAME.md and .json, with a description of the machine."""
    described = machine()
    in_words = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in described.items())
    print(table(title, header, rows, width=160))
    print(f"Machine: {in_words}")
    lines = [header, ["---"] * len(header), *rows]
    markdown = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    FOLDER.mkdir(parents=True, exist_ok=True)
    atomic_write(FOLDER / f"{name}.md", f"# {title}\n\n{markdown}\n\nMachine: {in_words}\n")
    atomic_write(FOLDER / f"{name}.json", json.dumps({"machine": described, **figures}, indent=2))
