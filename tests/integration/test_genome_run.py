"""A run on a genome, from FASTA to its reports: bits per base, plain sequences, and no words anywhere."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import EXHAUSTIVE, Outcome
from tests.support.genomes import random_sequence, write_fasta

TRAIN = [
    *("data=genome", "data.path=a.fa", "experiment=genome", "run_dir=run", "model.embedding=4", "model.hidden=16"),
    *("data.batch_size=8", "data.sequence_length=32", "data.eval_batch_size=4", "data.report_batch_size=2"),
    *("data.genome.region_length=200", "data.genome.gap=20", "optim.lr=0.05"),
    *("trainer=cpu", "trainer.max_epochs=2", "samples.num_words=40", "logger=csv"),
]


def periodic_sequence(length: int) -> str:
    """Returns three bases at random and a fourth that repeats the first, again and again: 1.5 bits a base."""
    letters = np.frombuffer(random_sequence(length, seed=1).encode(), dtype=np.uint8).reshape(-1, 4).copy()
    letters[:, 3] = letters[:, 0]
    return letters.tobytes().decode()


@pytest.mark.parametrize("kind", ["char", pytest.param("kmer", marks=EXHAUSTIVE)])
def test_a_genome_is_learned_and_reported_in_bases(kind: str, tmp_path: Path, command: Callable[..., Outcome]) -> None:
    write_fasta(tmp_path / "a.fa", {"chr1": periodic_sequence(8_000), "chr2": periodic_sequence(4_000)})
    tokens = () if kind == "char" else ("data.tokenizer.kind=kmer", "data.genome.kmer_length=2")
    done = command("train", *TRAIN, *tokens)
    assert done.code == 0, done.err
    assert "bits per base" in done.out
    assert "character" not in done.out
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["uniform_perplexity"] == (4 if kind == "char" else 16)
    assert metrics["splits"]["test"]["unit"] == "base"
    assert 1.4 < metrics["splits"]["test"]["bits_per_character"] < 2.2
    assert {*"".join(metrics["samples"])} <= {*"ACGT"}
    assert all(len(sample) >= 40 for sample in metrics["samples"])

    generated = command("generate", "run=run", "prompt=acgtac", "num_words=30", "num_samples=1")
    assert generated.code == 0
    assert {*generated.out.strip().splitlines()[-1]} <= {*"ACGTacgt"}
    write_fasta(tmp_path / "b.fa", {"other": random_sequence(600, seed=2).lower(), "n": "N" * 30})
    evaluated = command("evaluate", "run=run", "path=b.fa")
    assert evaluated.code == 0, evaluated.err
    assert "bits per base" in evaluated.out
    assert "record: other" in evaluated.out
    assert command("report", "run=run").code == 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert "bits per base" in page
    assert "Nearest neighbours" not in page
    card = (tmp_path / "run" / "bundle" / "README.md").read_text()
    assert "words" not in card.replace("samples.num_words", "")
    assert "bits per base" in card
