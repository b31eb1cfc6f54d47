"""Which sampling settings neither loop nor ramble: repetition of generated text beside that of real text.

A trained model generates texts that start a paragraph, under each of some settings; passages of its validation text,
of the same number and length, are measured in the same way:

- repeated 4-grams: the share of sequences of four tokens that have occurred before in the same text. Real text repeats
  itself a little; text that loops does so far more (Welleck et al. 2020).
- distinct-1, distinct-2: different tokens, and pairs of them, of all texts together, relative to their number
  (Li et al. 2016).
- bits per token: mean surprisal under the model. The lower, the more the text is what the model is sure of.

The rule for the defaults: of the settings that repeat no more 4-grams than real text, and have at least nine tenths of
its distinct pairs, the one with the fewest bits per token. The last column marks it.

    python benchmarks/sampling_defaults.py --bundle outputs/train/DATE/TIME/bundle
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from measuring import report

from halo.bundle.loading import open_model
from halo.config import default_sampling
from halo.evaluation.evaluation_report import training_corpus
from halo.evaluation.text_scores import surprisal_bits
from halo.generation.generator import generate_samples

REAL = "real text"
NO_LIMIT: dict[str, Any] = {
    **{"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0},
    **{"repetition_penalty": 1.0, "no_repeat_ngram": 0},
}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.0},
    *({"temperature": value} for value in (0.7, 0.8, 0.9)),
    *({"temperature": value, "top_k": 40, "top_p": 0.95} for value in (0.7, 0.8, 0.9, 1.0)),
    *({"top_p": value} for value in (0.8, 0.9, 0.95)),
    *({"min_p": value} for value in (0.05, 0.1)),
    *({"temperature": 0.9, "min_p": value} for value in (0.02, 0.05)),
    {"typical_p": 0.9},
    *({"temperature": 0.8, "top_k": 40, "top_p": 0.95, "repetition_penalty": value} for value in (1.05, 1.1, 1.2)),
    *({"temperature": value, "top_p": 0.95, "repetition_penalty": 1.1} for value in (0.8, 0.9)),
    {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "no_repeat_ngram": 4},
]
MIN_DISTINCT = 0.9
"""The smallest share of real text's distinct pairs that settings of the rule may have."""


class Figures(NamedTuple):
    """The figures of several texts."""

    repeated: float
    distinct_1: float
    distinct_2: float
    bits: float


def measure(texts: Sequence[Sequence[int]], bits: float) -> Figures:
    """Returns the figures of texts of the same length."""
    repeated = total = 0
    for text in texts:
        sequences = [tuple(text[place : place + 4]) for place in range(len(text) - 3)]
        total += len(sequences)
        repeated += len(sequences) - len(set(sequences))
    tokens = [token for text in texts for token in text]
    pairs = [pair for text in texts for pair in pairwise(text)]
    return Figures(repeated / total, len({*tokens}) / len(tokens), len({*pairs}) / len(pairs), bits)


def real_texts(ids: np.ndarray, number: int, length: int) -> list[list[int]]:
    """Returns passages that are spread evenly over a text."""
    starts = np.linspace(0, len(ids) - length, number).astype(int)
    return [ids[start : start + length].tolist() for start in starts]


def name_of(settings: dict[str, Any]) -> str:
    """Returns settings in short, such as `t=0.8 top_k=40`: t is the temperature, penalty that on repetition."""
    short = {"temperature": "t", "repetition_penalty": "penalty", "no_repeat_ngram": "ngram"}
    return " ".join(f"{short.get(name, name)}={value:g}" for name, value in settings.items()) or "no limit"


def chosen(figures: dict[str, Figures]) -> str:
    """Returns the name of the settings that the rule selects; none where no settings meet it."""
    real = figures[REAL]
    usable = {
        name: each
        for name, each in figures.items()
        if name != REAL and each.repeated <= real.repeated and each.distinct_2 >= MIN_DISTINCT * real.distinct_2
    }
    return min(usable, key=lambda name: usable[name].bits, default="")


def main() -> None:
    """Measures real text and each setting, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True, metavar="FOLDER", help="a saved model")
    parser.add_argument("--cache-dir", default="outputs/cache", metavar="FOLDER", help="its prepared text")
    parser.add_argument("--texts", type=int, default=64, help="texts for each setting")
    parser.add_argument("--words", type=int, default=120, help="tokens of each text")
    given = parser.parse_args()
    opened = open_model(run=None, bundle=str(given.bundle), device="cpu")
    ids = np.asarray(training_corpus(opened, cache_dir=given.cache_dir).ids["validation"])
    texts = real_texts(ids, given.texts, given.words)
    eos_id = opened.tokenizer.eos_id
    with torch.no_grad():
        bits = [surprisal_bits(opened.model, np.array(text), eos_id=eos_id) for text in texts]
    figures = {REAL: measure(texts, float(np.mean(bits)))}
    for settings in SETTINGS:
        sampling = default_sampling(**{**NO_LIMIT, **settings, "num_words": given.words})
        samples = generate_samples(
            opened.model, opened.tokenizer, [], num_samples=given.texts, sampling=sampling, with_scores=True
        )
        mean = -float(np.mean([sample.logprobs for sample in samples])) / np.log(2)
        figures[name_of(settings)] = measure([sample.ids for sample in samples], mean)
        print(f"  {name_of(settings)}: {figures[name_of(settings)]}", flush=True)
    best = chosen(figures)
    rows = [
        [
            name,
            f"{each.repeated:.1%}",
            f"{each.distinct_1:.3f}",
            f"{each.distinct_2:.3f}",
            f"{each.bits:.2f}",
            "*" * (name == best),
        ]
        for name, each in figures.items()
    ]
    header = ("settings", "repeated", "distinct-1", "-2", "bits", "")
    title = f"Sampling, {given.texts} texts of {given.words} tokens"
    report("sampling_defaults", title, header, rows, {name: each._asdict() for name, each in figures.items()})


if __name__ == "__main__":
    main()
