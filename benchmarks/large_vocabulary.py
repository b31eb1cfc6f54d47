"""Perplexity and speed of full, sampled and adaptive softmaxes on a large vocabulary.

That takes a real text with many different words, and one is available wherever this runs: the Python files of the
installed packages, ordered by name, one document per file, --megabytes of them. It is code rather than prose, with
identifiers in place of words. One LSTM layer of 200 units trains on it with each softmax for the same number of steps
from one seed, far from convergence; the comparison is of the perplexity reached by then. Validation and test text are
whole files, scored with the model's own softmax: a full one for the full and the sampled softmax, which differ only in
training.

    python benchmarks/large_vocabulary.py
    python benchmarks/large_vocabulary.py --vocabulary 100000 --megabytes 60 --steps 200
"""

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from measuring import output_of, report, write_python_files
from training import PLAIN, of_python_files

SOFTMAXES = {
    "full softmax": ["sampled_softmax.num_frequent=null"],
    "sampled softmax": ["sampled_softmax.num_frequent=150"],
    "adaptive softmax": ["sampled_softmax.num_frequent=null", "model.adaptive_cutoffs=[2000,8000]"],
}
HEADER = ("softmax", "tokens/s", "x full", "validation perplexity", "x full", "test perplexity", "x full")


def train(softmax: str, vocabulary: int, steps: int, folder: Path) -> dict[str, Any]:
    """Trains with one softmax and returns the metrics of the run."""
    run = folder / softmax.split(maxsplit=1)[0]
    text = [
        *of_python_files(folder, vocabulary),
        *("data.splits.train=0.99", "data.splits.validation=0.005", "data.splits.test=0.005"),
        *("data.report_batch_size=20", "data.report_train_tokens=1000"),
    ]
    model = ["model.layers=1", "model.hidden=200", "model.embedding=200", "model.tied=false"]
    rates = [f"model.dropout_{place}=0.1" for place in ("input", "hidden", "output")]
    recipe = ["optim=adamw", "optim.lr=0.004", f"trainer.max_steps={steps}", "trainer.max_epochs=100"]
    settings = [*PLAIN, *text, *model, *rates, *recipe, "trainer.val_check_interval=1.0", *SOFTMAXES[softmax]]
    output_of(sys.executable, "-m", "halo.train", f"run_dir={run}", *settings)
    metrics: dict[str, Any] = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    print(f"  {softmax}: {metrics['validation_perplexity']:.1f}", file=sys.stderr, flush=True)
    return metrics


def main() -> None:
    """Trains with each softmax and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", type=int, default=33_000, help="vocabulary size, more than 8,000")
    parser.add_argument("--megabytes", type=float, default=12, help="size of the text")
    parser.add_argument("--steps", type=int, default=800)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_python_files(folder / "text.jsonl", given.megabytes)
        found = {name: train(name, given.vocabulary, given.steps, folder) for name in SOFTMAXES}
    full = found["full softmax"]

    def beside_full(metrics: dict[str, Any], key: str, how: str) -> list[str]:
        return [format(metrics[key], how), f"{metrics[key] / full[key]:.3f}"]

    rows = []
    for name, metrics in found.items():
        figures = partial(beside_full, metrics)
        perplexities = [*figures("validation_perplexity", ".1f"), *figures("test_perplexity", ".1f")]
        rows.append([name, *figures("train_tokens_per_second", ",.0f"), *perplexities])
    title = f"Softmaxes, {full['uniform_perplexity']:,} words, {given.steps:,} steps"
    report("large_vocabulary", title, HEADER, rows, {"metrics": found})


if __name__ == "__main__":
    main()
