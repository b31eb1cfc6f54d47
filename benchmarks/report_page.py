"""How long does report.html take, beside the training that it reports on?

python benchmarks/report_page.py RUN [--rounds 3] [--cache-dir outputs/cache]   # RUN: the folder of a finished run

Each round computes and renders the whole page of the run, as the end of a run does, with its model and text loaded
already. The share is that of the best round in the training time that the run's metrics.json has.
"""

import argparse
import time

from halo.bundle.loading import open_model
from halo.reports.run_page.page import render
from halo.reports.run_page.reported_run import reported_run


def main() -> None:
    """Prints the time of each round and the share of the best one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache-dir", default="outputs/cache")
    arguments = parser.parse_args()
    run = reported_run(open_model(run=arguments.run, bundle=None, device="auto"), cache_dir=arguments.cache_dir)
    seconds = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        page = render(run)
        seconds.append(time.perf_counter() - start)
    print("rounds (s):", ", ".join(f"{each:.2f}" for each in seconds), f"for {len(page) / 1024:,.0f} KiB")
    if run.metrics is not None and run.metrics.minutes:
        trained = 60 * run.metrics.minutes
        print(f"best: {min(seconds):.2f} s, {min(seconds) / trained:.2%} of {trained:,.1f} s of training")


if __name__ == "__main__":
    main()
