"""Memory and speed of training on texts of a million and of a hundred million tokens: both should be the same.

Texts are composed from the bundled corpus as in `text.py` and take a user's route: `halo.prepare` turns them into ids,
without removing duplicates, with a vocabulary of 10,000 words; `halo.train` trains two LSTM layers of 200 units with a
sampled softmax for --steps steps and is ended there. Ids are memory-mapped: the pages that were read count as resident
memory of the process, but belong to the page cache, which releases them under memory pressure. The process's own memory
is its anonymous memory. Linux only, since it reads /proc.

    python benchmarks/long_text.py
    python benchmarks/long_text.py --megabytes 1 10 --steps 50
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from measuring import output_of, report
from text import write_text
from training import PLAIN, SAMPLED, model_of

WARM_UP = 50
HEADER = (
    *("text, MB", "training tokens", "ids, MB", "prepare, s"),
    *("ms/step", "x first", "own memory, MiB", "x first", "resident, MiB"),
)


class Trained(NamedTuple):
    """Measurements of one text.

    Attributes:
        tokens: Tokens of the training split.
        ids_mb: Size of its ids on disk, in MB.
        prepare_seconds: Time of the whole prepare command.
        milliseconds: Median time of a training step.
        own_mib: Anonymous memory after the last step.
        resident_mib: Resident memory after the last step.
    """

    tokens: int
    ids_mb: float
    prepare_seconds: float
    milliseconds: float
    own_mib: float
    resident_mib: float


def train(megabytes: float, steps: int, folder: Path) -> Trained:
    """Writes a text, prepares it and trains on it."""
    file, cache = folder / "text.jsonl", folder / "cache"
    write_text(file, megabytes, words_per_document=1000)
    text = [
        *("data=text", f"data.path={file}", f"data.cache_dir={cache}", "data.tokenizer.max_size=10000"),
        *("data.duplicates.documents=false", "data.duplicates.paragraphs=false"),
    ]
    began = time.perf_counter()
    output_of(sys.executable, "-m", "halo.prepare", *text, f"hydra.run.dir={folder}/prepared")
    prepare_seconds = time.perf_counter() - began
    (ids,) = cache.glob("*/train.npy")
    callback = [
        *("_target_=footprint.StepFootprint", f"file={folder}/footprint.json", f"steps={WARM_UP + steps}"),
    ]
    settings = [
        *(each for each in PLAIN if not each.startswith("data.batch_size")),
        "data.batch_size=20",
        *model_of(200),
    ]
    parts = [f"+callbacks.footprint.{each}" for each in callback]
    command = ["-m", "halo.train", f"run_dir={folder}/run", *text, *settings, SAMPLED, "trainer.limit_val_batches=0"]
    output_of(sys.executable, *command, *parts, environment={"PYTHONPATH": str(Path(__file__).parent)})
    seen = json.loads((folder / "footprint.json").read_text(encoding="utf-8"))
    spent = [later - earlier for earlier, later in pairwise(seen["times"][WARM_UP - 1 :])]
    manifest = json.loads((ids.parent / "manifest.json").read_text(encoding="utf-8"))
    return Trained(
        tokens=manifest["splits"]["train"]["tokens"],
        ids_mb=ids.stat().st_size / 1e6,
        prepare_seconds=prepare_seconds,
        milliseconds=1e3 * statistics.median(spent),
        own_mib=seen["own_mib"],
        resident_mib=seen["resident_mib"],
    )


def main() -> None:
    """Measures each text and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[7, 580], help="sizes of the texts")
    parser.add_argument("--steps", type=int, default=1000)
    given = parser.parse_args()
    found = []
    for megabytes in given.megabytes:
        with tempfile.TemporaryDirectory() as folder:
            found.append(train(megabytes, given.steps, Path(folder)))
            print(f"  {megabytes:g} MB: {found[-1]}", file=sys.stderr, flush=True)
    rows = [
        [
            *(f"{megabytes:g}", f"{each.tokens:,}", f"{each.ids_mb:,.1f}", f"{each.prepare_seconds:.0f}"),
            *(f"{each.milliseconds:.1f}", f"{each.milliseconds / found[0].milliseconds:.2f}"),
            *(f"{each.own_mib:.0f}", f"{each.own_mib / found[0].own_mib:.2f}", f"{each.resident_mib:.0f}"),
        ]
        for megabytes, each in zip(given.megabytes, found, strict=True)
    ]
    title = f"Training on short and long texts, {given.steps:,} steps"
    report("long_text", title, HEADER, rows, {"found": [each._asdict() for each in found]})


if __name__ == "__main__":
    main()
