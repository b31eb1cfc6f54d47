"""Fuzzes the commands: no input may end in a traceback, in a hang, or in files outside the output folders.

    python -m benchmarks.fuzz --inputs 5000 --texts 500 --first 0

Each input is a valid argument list or file with a few random changes: arguments of the four commands, the files of a
run folder, of a bundle and of a prepared text (`tests/support/spoiling.py`), and texts together with the settings to
prepare them (`tests/integration/test_fuzz_text.py`). The number of an input is its seed: `--first 1234 --inputs 1`
repeats one. Training is tried up to its first step. Runs in one process, on Linux and macOS, at about a tenth of a
second per input.
"""

import argparse
import contextlib
import json
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.conftest import COMMANDS, TINY, data_config, run_command
from tests.integration import test_fuzz_text
from tests.support.fuzzing import Sandbox, Tried, make_sandbox, quiet, try_input
from tests.support.reading import read_documents
from tests.support.spoiling import keys_of

OUTCOMES = ("refused", "accepted", "traceback", "hang", "stray files")


@contextlib.contextmanager
def sandbox() -> Iterator[Sandbox]:
    """Yields a sandbox with a model that was trained for a second."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        text = Path(name) / "text.jsonl"
        documents = [document for document in read_documents(data_config()) if document.label in ("news", "forum")][:12]
        records = [{"text": one.text[:1500], "register": one.label} for one in documents]
        text.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        with quiet():
            assert run_command("train", [*TINY, f"data.path={text}", "hydra.run.dir=trained"]) == 0
        yield make_sandbox(Path(name) / "sandbox", run=Path(name) / "trained", text=text)


def try_text(number: int) -> Tried:
    """Prepares a random text and returns the outcome."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        try:
            message = test_fuzz_text.try_input(number, Path(folder))
        except Exception:
            return Tried("texts, prepared", "traceback", traceback.format_exc())
    return Tried("texts, prepared", "refused" if message else "accepted", message)


def table(counts: Counter[tuple[str, str]]) -> Table:
    """Returns a table of the outcomes for each kind of input."""
    drawn = Table("changed", *(f"{name}" for name in ("inputs", *OUTCOMES)))
    kinds = sorted({kind for kind, _ in counts})
    for kind in kinds:
        numbers = [counts[kind, outcome] for outcome in OUTCOMES]
        drawn.add_row(kind, *(f"{number:,}" for number in (sum(numbers), *numbers)))
    totals = [sum(counts[kind, outcome] for kind in kinds) for outcome in OUTCOMES]
    drawn.add_row("all", *(f"{number:,}" for number in (sum(totals), *totals)))
    return drawn


def main() -> int:
    """Tries the inputs, prints a table, and returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=5000, help="the number of argument lists and files")
    parser.add_argument("--texts", type=int, default=0, help="the number of texts to prepare")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--arguments", type=float, default=0.3, help="the share of argument lists among --inputs")
    given = parser.parse_args()
    console, began = Console(width=120), time.monotonic()
    counts: Counter[tuple[str, str]] = Counter()
    slowest = 0.0

    def count(number: int, tried: Tried) -> None:
        counts[tried.kind, tried.outcome] += 1
        if tried.outcome not in ("refused", "accepted"):
            console.print(f"{number}: {tried.kind}: {tried.outcome}\n{tried.message}", markup=False, highlight=False)

    with sandbox() as place:
        keys = {name: keys_of(name) for name in COMMANDS}
        for number in track(range(given.first, given.first + given.inputs), console=console):
            before = time.monotonic()
            count(number, try_input(number, place, keys, share_of_arguments=given.arguments))
            slowest = max(slowest, time.monotonic() - before)
    for number in track(range(given.first, given.first + given.texts), console=console):
        count(number, try_text(number))
    console.print(table(counts))
    gibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)
    seconds = time.monotonic() - began
    console.print(f"{seconds:.0f} s; slowest input {slowest:.1f} s; peak memory {gibibytes:.2f} GiB")
    return int(any(counts[kind, outcome] for kind, outcome in counts if outcome in OUTCOMES[2:]))


if __name__ == "__main__":
    sys.exit(main())
