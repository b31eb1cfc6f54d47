"""Two machines train together, and a run survives the loss of one of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "two_nodes.py"


@pytest.mark.exhaustive
def test_a_run_on_two_machines_of_which_one_is_killed_resumes_exactly(tiny: list[str], tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the command ip")
    name = f"halo{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"network namespaces are not permitted: {made.stderr.strip()}")
    subprocess.run(["ip", "netns", "delete", name], check=True)
    settings = [each for each in tiny if each != "trainer=cpu"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *settings], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("exit statuses [0, 0]") == 2
    assert done.stdout.count("error: the connection to another process of the run is lost") == 1
    assert "Resuming after step 20" in done.stdout
    assert done.stdout.endswith("  equal\n")
