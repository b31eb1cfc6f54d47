"""The GPU benchmark also runs on a CPU, so that it can be tested, and reports a missing GPU in one line."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks/gpu.py"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", str(SCRIPT), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
def test_it_measures_the_command_and_the_bare_loop(tmp_path: Path, corpus_file: Path) -> None:
    few = ("--device", "cpu", "--sizes", "tiny", "--precision", "float32", "--steps", "2", "--rounds", "1")
    done = run(tmp_path, *few, "--", "data=text", f"data.path={corpus_file}", "data.eval_batch_size=3")
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "outputs/benchmarks/gpu.md").read_text(encoding="utf-8")
    assert table.count("| tiny | bare loop, float32 |") == table.count("| tiny | halo.train, float32 |") == 1


@pytest.mark.exhaustive
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_reported_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "error: --device cuda: PyTorch finds no such device; use --device cpu to try the benchmark out"
    ]
