"""The benchmark of scaling and the check of a machine with a GPU also run on two processes of a CPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SMALL = ["data=text", "data.sequence_length=8", "model.hidden=16", "model.embedding=8", "data.eval_batch_size=3"]


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", str(BENCHMARKS / script), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
def test_scaling_counts_the_bytes_that_the_model_has(tmp_path: Path, corpus_file: Path) -> None:
    few = ("--ranks", "1", "2", "--modes", "weak", "--threads", "1", "--steps", "10", "--rounds", "1", "--streams", "4")
    done = run(tmp_path, "scaling.py", *few, "--", *SMALL, f"data.path={corpus_file}")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "outputs/benchmarks/scaling.json").read_text(encoding="utf-8"))
    (alone,), (both,) = figures["1 weak"], figures["2 weak"]
    assert both["bytes_measured"] == both["bytes_computed"] == alone["bytes_computed"]
    assert alone["bytes_measured"] == 0
    assert both["tokens_per_step"] == 2 * alone["tokens_per_step"]
    table = done.stdout.split("Machine:")[0]
    assert all(len(line) <= 80 for line in table.splitlines())


@pytest.mark.exhaustive
def test_the_device_check_goes_on_after_a_failure(tmp_path: Path, corpus_file: Path) -> None:
    few = ("--device", "cpu", "--patience", "9", "--minutes", "9", "--folder", "check")
    chosen = ("--checks", "environment", "same as cpu", "device")
    done = run(
        tmp_path, "device_check.py", *few, *chosen, "--", *SMALL, f"data.path={corpus_file}", "data.batch_size=4"
    )
    assert done.returncode == 1
    found = json.loads((tmp_path / "check/summary.json").read_text(encoding="utf-8"))
    assert {each["check"]: each["outcome"] for each in found} == {
        "environment": "ok",
        "device": "ok",
        "same as cpu": "FAILED",  # its reference was not asked for
    }
