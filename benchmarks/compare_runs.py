"""How long does `halo compare` take for many runs?

    python -m benchmarks.compare_runs 500

Writes run folders with the files that a comparison reads, without training, and prints seconds and memory.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from halo.comparing.compare import compare_runs
from tests.support.compared_runs import write_run


def main() -> None:
    """Compares as many runs as the first argument says, in groups of five seeds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            group, seed = divmod(number, 5)
            write_run(Path(folder) / str(number), nll=4 + group / 1000, noise=number, optim__lr=group + 1, seed=seed)
        start = time.perf_counter()
        found = compare_runs([folder])
        seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} runs in {len(found.groups)} groups: {seconds:.1f} s, at most {memory:,.0f} MiB")


if __name__ == "__main__":
    main()
