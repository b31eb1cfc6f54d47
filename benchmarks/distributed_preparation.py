"""Preparation on a local Ray cluster against one machine: the same bytes, with a worker killed half-way, and the cost.

The text is composed as in `text.py`, one large file and several small ones. `python -m halo.prepare` makes ids of it
with both engines, with as many processes; half-way through the second, a worker process of Ray is killed with SIGKILL.
All files of the two folders are compared byte for byte. Peak memory is the resident memory of all processes together,
pages that they share counted in each; peak disk is the cache, with what Ray moved from its object store to the disk.
Linux only, since it reads /proc.

    python benchmarks/distributed_preparation.py --megabytes 1000
    python benchmarks/distributed_preparation.py --megabytes 50
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from measuring import report
from text import _family, _resident_megabytes, write_text

TASK = b"ray::tokenize_shard"  # as which Ray's workers show themselves while they work
SPILLED = Path(tempfile.gettempdir(), "ray", "session_latest")  # where Ray moves objects
INTERVAL = 0.2
SMALL_FILES = 8
HEADER = (
    *("engine", "seconds, text to ids", "whole command", "million words/s", "relative time"),
    *("peak memory, MB", "peak disk, MB", "log lines about workers"),
)


class Prepared(NamedTuple):
    """Measurements of one command.

    Attributes:
        seconds: Time from text to ids, as it prints it.
        all_seconds: Time of the whole command.
        words: Number of words.
        memory_mb: Peak of the resident memory of all processes.
        disk_mb: Peak of the disk space.
        lost: The lines that it printed about lost workers.
        killed: The process that was killed; 0 if none was.
    """

    seconds: float
    all_seconds: float
    words: int
    memory_mb: float
    disk_mb: float
    lost: list[str]
    killed: int


def run(text: Path, cache: Path, *settings: str, kill_after: float | None = None) -> Prepared:
    """Prepares the text in a process of its own; kills a worker of Ray once `kill_after` seconds have passed."""
    command = [sys.executable, "-m", "halo.prepare", "data=text", f"data.path={text}", f"data.cache_dir={cache}"]
    began = time.perf_counter()
    peaks = {"memory": 0.0, "disk": 0.0, "killed": 0.0}
    with subprocess.Popen(
        [*command, f"hydra.run.dir={cache}-run", *settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watch = threading.Thread(target=_watch, args=(process, cache, peaks, began, kill_after))
        watch.start()
        printed, _ = process.communicate()
        watch.join()
    if process.returncode:
        raise SystemExit(printed)
    found = re.search(r"([\d,]+) words prepared in ([\d.]+) s", printed)
    assert found is not None, printed
    lost = [line for line in printed.splitlines() if "a Ray worker" in line]
    all_seconds = time.perf_counter() - began
    words, killed = int(found[1].replace(",", "")), int(peaks["killed"])
    return Prepared(float(found[2]), all_seconds, words, peaks["memory"], peaks["disk"], lost, killed)


def _watch(
    process: subprocess.Popen[str], cache: Path, peaks: dict[str, float], began: float, kill_after: float | None
) -> None:
    while process.poll() is None:
        family = _family(process.pid)
        peaks["memory"] = max(peaks["memory"], sum(map(_resident_megabytes, family)))
        spilled = SPILLED if kill_after is not None else cache
        peaks["disk"] = max(peaks["disk"], sum(_sizes(cache)) + sum(_sizes(spilled, "ray_spilled_objects*/*")))
        is_due = kill_after is not None and time.perf_counter() - began > kill_after
        if is_due and not peaks["killed"] and (workers := [pid for pid in family if _is_worker(pid)]):
            os.kill(workers[0], signal.SIGKILL)
            peaks["killed"] = workers[0]
        time.sleep(INTERVAL)


def _sizes(folder: Path, pattern: str = "**/*") -> Iterator[float]:
    for file in folder.glob(pattern):
        try:
            yield file.stat().st_size / 1e6
        except OSError:  # it has just been removed
            continue


def _is_worker(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(TASK)
    except OSError:
        return False


def differing(folder: Path, other: Path) -> list[str]:
    """Returns the names of files that are not the same in two folders, byte for byte."""
    names = {file.relative_to(each) for each in (folder, other) for file in each.rglob("*") if file.is_file()}
    return [str(name) for name in sorted(names) if not _same(folder / name, other / name)]


def _same(file: Path, other: Path) -> bool:
    if not (file.is_file() and other.is_file() and file.stat().st_size == other.stat().st_size):
        return False
    with file.open("rb") as first, other.open("rb") as second:
        return all(block == second.read(2**20) for block in iter(lambda: first.read(2**20), b""))


def main() -> None:
    """Prepares with both engines, compares the results and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=1000, help="size of the text")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        text = folder / "text"
        text.mkdir()
        write_text(text / "large.jsonl", given.megabytes, words_per_document=300)
        lines = (text / "large.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[: SMALL_FILES * 100]
        for number in range(SMALL_FILES):  # near copies of what is in the large file: each lacks a word
            part = [line.replace(" the ", " ", 1) for line in lines[number::SMALL_FILES]]
            (text / f"small{number}.jsonl").write_text("".join(part), encoding="utf-8")
        local = run(text, folder / "local")
        ray = run(text, folder / "ray", "data.engine=ray", kill_after=local.seconds / 2)
        different = differing(folder / "local", folder / "ray")
    if not ray.killed:
        raise SystemExit("no worker was killed: the text is too small; give more --megabytes")
    rows = [
        [
            name,
            f"{each.seconds:.1f}",
            f"{each.all_seconds:.1f}",
            f"{each.words / each.seconds / 1e6:.2f}",
            f"{each.seconds / local.seconds:.2f}",
            f"{each.memory_mb:,.0f}",
            f"{each.disk_mb:,.0f}",
            str(len(each.lost)),
        ]
        for name, each in (("local", local), ("ray, a worker killed", ray))
    ]
    figures = {"local": local._asdict(), "ray": ray._asdict(), "different": different}
    report("distributed_preparation", f"Preparation of {given.megabytes:,g} MB", HEADER, rows, figures)
    print("\n".join(ray.lost))
    if different:
        raise SystemExit(f"different: {', '.join(different)}")
    print("All files are the same, byte for byte.")


if __name__ == "__main__":
    main()
