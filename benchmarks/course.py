"""Time of each chapter of the course, with one thread, beside what it may take.

    python benchmarks/course.py
    python benchmarks/course.py --chapters 01 08

Each chapter runs as a program of its own, one after the other, in a temporary folder, where the first of them prepares
the corpus. CPU seconds are those of the process and all that it started; wall-clock seconds depend on what else runs.
The exit status is 1 if a chapter fails or takes more CPU seconds than it may.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

COURSE = Path(__file__).parents[1] / "docs" / "course"
MAX_SECONDS = 30
MAX_SECONDS_OF = {"08": 60, "10": 60}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def measure(chapter: Path, folder: str) -> tuple[float, float, bool]:
    """Returns the CPU seconds and the wall-clock seconds of a chapter, and whether it ran to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command, environment = [sys.executable, str(chapter)], os.environ | ONE_THREAD
    done = subprocess.run(command, check=False, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu_seconds, time.perf_counter() - start, done.returncode == 0


def main() -> None:
    """Measures the chapters and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chapters", nargs="*", default=[], help="numbers of chapters, such as 01; default all")
    wanted = parser.parse_args().chapters
    chapters = [file for file in sorted(COURSE.glob("[0-9][0-9]_*.py")) if not wanted or file.stem[:2] in wanted]
    table = Table("chapter", "CPU s", "wall s", "at most", "")
    sums, failed = [0.0, 0.0], False
    with tempfile.TemporaryDirectory() as folder:
        for chapter in chapters:
            cpu, wall, complete = measure(chapter, folder)
            limit = MAX_SECONDS_OF.get(chapter.stem[:2], MAX_SECONDS)
            problem = "failed" if not complete else "too slow" if cpu > limit else ""
            table.add_row(chapter.stem, f"{cpu:.1f}", f"{wall:.1f}", str(limit), problem)
            sums, failed = [sums[0] + cpu, sums[1] + wall], failed or bool(problem)
    table.add_row("all", f"{sums[0]:.1f}", f"{sums[1]:.1f}", "300", "too slow" if sums[0] > 300 else "")
    Console().print(table)
    sys.exit(int(failed or sums[0] > 300))


if __name__ == "__main__":
    main()
