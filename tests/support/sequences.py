"""DNA of known structure, and models of it that are exact or have learned nothing."""

from pathlib import Path

import numpy as np
import torch

from halo.genomics.bases import BASES, Codes
from halo.genomics.model_scores import ModelScorer
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config


def random_bases(length: int, *, seed: int = 0) -> Codes:
    """Returns bases that are all equally likely."""
    return np.random.default_rng(seed).integers(4, size=length).astype(np.uint8)


def chain(*, order: int, length: int, seed: int) -> Codes:
    """Returns a Markov chain in which the sum of the bases before, modulo 4, follows with probability 0.7."""
    noise = np.random.default_rng(seed).choice(4, p=[0.7, 0.1, 0.1, 0.1], size=length)
    codes = [0] * order
    for value in noise.tolist():
        codes.append((sum(codes[-order:]) + value) % 4)
    return np.array(codes[order:], dtype=np.uint8)


def letters(codes: Codes) -> str:
    """Returns codes as letters."""
    return "".join(BASES[code] for code in codes.tolist())


def genome_tokenizer(*, others: str = "N") -> TextTokenizer:
    """Returns the vocabulary of single bases and some other letters."""
    return TextTokenizer.train([BASES + others], kind="char", min_count=1, max_size=None)


def untrained_scorer(tokenizer: TextTokenizer | None = None, *, seed: int = 0) -> ModelScorer:
    """Returns a scorer with a small model of random weights."""
    tokenizer = tokenizer or genome_tokenizer()
    torch.manual_seed(seed)
    model = build_model(model_config("gru", "pointer_tokens=null"), tokenizer.words()).eval()
    for weight in model.parameters():  # away from the uniform distribution of a new model
        torch.nn.init.normal_(weight, std=0.5)
    return ModelScorer(model, tokenizer, place="model")


def write_fasta(file: Path, records: dict[str, str], *, width: int = 60) -> Path:
    """Writes a FASTA file with lines of some width."""
    lines = []
    for name, sequence in records.items():
        lines += [f">{name}", *(sequence[first : first + width] for first in range(0, len(sequence), width))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
