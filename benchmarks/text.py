"""Speed and memory of `python -m halo.prepare`; run by `make bench-text`.

The texts are composed from the bundled corpus: documents of 300 words, drawn as stretches of two to seven words from
anywhere in it, so that vocabulary and punctuation are those of real text and nothing is repeated, with a new number in
each, so that the vocabulary keeps growing. For comparison, in the same run and alternating with it, a pipeline of a few
lines of plain Python does the minimum that could be called preparing: one pass of a regular expression over lower-cased
text, in one process, without documents, splits, cleaning steps, duplicate removal, report or manifest.

    python benchmarks/text.py --megabytes 10 100 --rounds 3

Memory is the resident memory of all processes together, sampled ten times a second; pages that processes share are
counted in each of them. Linux only, since it reads /proc.
"""

import argparse
import json
import math
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from halo.corpus.sources.discovery import CORPORA_DIR


class Measured(NamedTuple):
    """Measurements of one run.

    Attributes:
        seconds: Time from file to ids.
        words: Words of the text.
        all_seconds: Time of the whole command, including start-up, table and report.
        peak_megabytes: Peak of the resident memory.
    """

    seconds: float
    words: int
    all_seconds: float = math.nan
    peak_megabytes: float = math.nan


def write_text(file: Path, megabytes: float, *, words_per_document: int) -> None:
    """Writes JSON Lines of about the given size."""
    records = map(json.loads, (CORPORA_DIR / "covid_discussions.jsonl").read_text(encoding="utf-8").splitlines())
    words = [word for record in records for word in record["text"].split()]
    chance = random.Random(0)
    written = 0
    with file.open("w", encoding="utf-8") as stream:
        while written < megabytes * 1e6:
            starts = [int(chance.random() * len(words)) for _ in range(words_per_document * 2 // 9)]
            parts = [" ".join(words[start : start + chance.randrange(2, 8)]) for start in starts]
            parts.insert(len(parts) // 2, f"{chance.randrange(10**7):,}\n\n")
            written += stream.write(json.dumps({"text": " ".join(parts)}, ensure_ascii=False) + "\n")


def run_plain(file: Path) -> Measured:
    """Runs the plain pipeline in this process."""
    began = time.perf_counter()
    token = re.compile(r"\w+(?:[-'.,]\w+)*|[^\w\s]")
    numbers: dict[str, int] = {}
    ids, words = [], 0
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            text = json.loads(line)["text"].lower()
            words += text.count(" ") + 1
            found = token.findall(text)
            ids.append(np.fromiter((numbers.setdefault(each, len(numbers)) for each in found), np.uint32, len(found)))
    all_ids = np.concatenate(ids)
    frequent = np.bincount(all_ids) >= 2
    table = np.where(frequent, np.cumsum(frequent), 0).astype(np.uint32)
    np.save(file.with_suffix(".npy"), table[all_ids])
    file.with_suffix(".npy").unlink()
    return Measured(time.perf_counter() - began, words)


def run_halo(file: Path) -> Measured:
    """Runs the command in its own process, with an empty cache."""
    folder = file.with_suffix(".halo")
    command = [sys.executable, "-m", "halo.prepare", "data=text", f"data.path={file}", f"data.cache_dir={folder}"]
    began = time.perf_counter()
    with subprocess.Popen([*command, f"hydra.run.dir={folder}/run"], stdout=subprocess.PIPE, text=True) as process:
        peak = [0.0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        printed, _ = process.communicate()
        watch.join()
    if process.returncode:
        raise SystemExit(process.returncode)
    match = re.search(r"([\d,]+) words prepared in ([\d.]+) s", printed)
    assert match is not None, printed
    all_seconds = time.perf_counter() - began
    shutil.rmtree(folder)
    return Measured(float(match[2]), int(match[1].replace(",", "")), all_seconds, peak[0])


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_resident_megabytes(pid) for pid in _family(process.pid)))
        time.sleep(0.1)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:  # it has just ended
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident_megabytes(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return int(fields[1]) * 4096 / 1e6


def compare(megabytes: float, words_per_document: int, rounds: int, folder: Path, *, plain_too: bool) -> list[str]:
    """Returns a table row: the medians over the rounds, in which the two pipelines alternate."""
    file = folder / f"{megabytes:g}.jsonl"
    write_text(file, megabytes, words_per_document=words_per_document)
    plain: Callable[[Path], Measured] = run_plain if plain_too else lambda _: Measured(math.nan, 0)
    runs = [(run_halo(file), plain(file)) for _ in range(rounds)]
    file.unlink()
    words, plain_words = runs[0][0].words, runs[0][1].words
    seconds, plain_seconds = (statistics.median(run[side].seconds for run in runs) for side in (0, 1))
    speed, plain_speed = words / seconds / 1e6, plain_words / plain_seconds / 1e6
    return [
        f"{megabytes:,g}",
        f"{words_per_document:,}",
        f"{words / 1e6:,.1f}",
        f"{seconds:.1f}",
        f"{statistics.median(run[0].all_seconds for run in runs):.1f}",
        f"{speed:.2f}",
        f"{plain_speed:.2f}",
        f"{speed / plain_speed:.2f}",
        f"{max(run[0].peak_megabytes for run in runs):,.0f}",
    ]


def main() -> None:
    """Measures each size and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[10, 100], help="sizes of the texts")
    parser.add_argument("--words-per-document", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--plain-up-to",
        type=float,
        default=200,
        help="largest text in MB for the plain pipeline, which holds all ids in memory",
    )
    arguments = parser.parse_args()
    table = Table(title="python -m halo.prepare, word tokenizer: from file to ids, medians")
    for name in (
        "MB",
        "words per document",
        "M words",
        "seconds",
        "with start-up and report",
        "M words/s",
        "plain Python, M words/s",
        "x faster than plain",
        "peak memory, MB",
    ):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in arguments.megabytes:
            plain_too = megabytes <= arguments.plain_up_to
            row = compare(megabytes, arguments.words_per_document, arguments.rounds, Path(folder), plain_too=plain_too)
            table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
