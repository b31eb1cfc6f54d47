"""Which share of the training time does the audit of a run take?

    python benchmarks/audit.py run=outputs/train/DATE/TIME
    python benchmarks/audit.py run=FOLDER cache_dir=outputs/cache num_texts=8 num_passages=8    # to try it

Prints the seconds of the audit of a full size and its share of the minutes that metrics.json has for the training. Run
it on a quiet machine, with as many threads as the training had (OMP_NUM_THREADS).
"""

import json
import sys
import time
from pathlib import Path

import torch

from halo.auditing.audit import FULL, AuditSize, audit_saved
from halo.bundle.loading import open_model


def main() -> None:
    """Audits the model of a run, and compares the time with that of its training."""
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    if "run" not in given:
        sys.exit("error: run=FOLDER: give the folder of a finished run")
    size = AuditSize(int(given.get("num_texts", FULL.num_texts)), int(given.get("num_passages", FULL.num_passages)))
    minutes = json.loads((Path(given["run"]) / "metrics.json").read_text(encoding="utf-8"))["minutes"]
    opened = open_model(run=given["run"], bundle=None, device="cpu")
    began = time.perf_counter()
    audit_saved(opened, cache_dir=given.get("cache_dir", "outputs/cache"), size=size, seed=1)
    seconds = time.perf_counter() - began
    print(f"threads: {torch.get_num_threads()}; {size.num_texts} texts, {size.num_passages} passages")
    print(f"training {60 * minutes:.0f} s, audit {seconds:.1f} s: {seconds / (60 * minutes):.1%} of the training time")


if __name__ == "__main__":
    main()
