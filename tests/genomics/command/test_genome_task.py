"""The tasks of `halo.genome`, on a genome of a Markov chain and an untrained model."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.bundle.saving import save_bundle
from halo.config import SavedConfig
from halo.corpus.prepare import prepare
from halo.models.model_spec import build_model
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import Outcome, model_config
from tests.genomics.test_reference import genome_data
from tests.support.sequences import chain, letters, write_fasta

GENOME = letters(chain(order=2, length=9000, seed=1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, its genome and its prepared regions."""
    folder = tmp_path_factory.mktemp("genome")
    data = genome_data()
    assert data.genome is not None
    write_fasta(folder / "genome.fa", {"chr1": GENOME})
    data = replace(
        data,
        path=str(folder / "genome.fa"),
        cache_dir=str(folder / "cache"),
        genome=replace(data.genome, gap=20, region_length=500),
    )
    tokenizer = prepare(data).tokenizer
    model = model_config("gru", "pointer_tokens=null")
    save_bundle(
        folder / "bundle",
        model=build_model(model, tokenizer.words()).eval(),
        tokenizer=tokenizer,
        word_statistics=WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {}),
        config=SavedConfig(data=data, model=model),
        metrics={},
        model_card="",
        document_scores=None,
    )
    return folder


@pytest.fixture
def genome(folder: Path, command: Callable[..., Outcome]) -> Callable[..., Outcome]:
    return lambda *settings: command(
        "genome", f"bundle={folder / 'bundle'}", f"cache_dir={folder / 'cache'}", *settings
    )


def test_test_regions_are_measured_beside_the_markov_model_of_the_right_order(
    genome: Callable[..., Outcome], tmp_path: Path
) -> None:
    done = genome()
    assert done.code == 0, done.err
    assert "Markov, order 2 *" in done.out
    assert "The order-2 Markov model predicts better than the trained model, by" in " ".join(done.out.split())
    (metrics,) = tmp_path.glob("outputs/genome/*/*/metrics.json")
    figures = json.loads(metrics.read_text(encoding="utf-8"))
    assert figures["models"]["markov_2"]["test_bits_per_base"] < 1.5 < figures["models"]["model"]["test_bits_per_base"]


def test_tracks_of_a_region_and_of_the_test_regions_have_their_coordinates(
    genome: Callable[..., Outcome], folder: Path, tmp_path: Path
) -> None:
    settings = (f"path={folder / 'genome.fa'}", "region=chr1:1,001-1020", "output=a.bedgraph", "window=10")
    assert genome(*settings).code == 0
    _, *lines = (tmp_path / "a.bedgraph").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["chr1", "1000", "1010"], ["chr1", "1010", "1020"]]
    done = genome("output=b.tsv", "both_strands=false")
    assert "order-2 Markov model" in " ".join(done.out.split())
    with (tmp_path / "b.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert all(GENOME[int(row["position"]) - 1] == row["base"] for row in rows)
    assert 500 < len(rows) < 2000


def test_variants_are_scored_with_the_markov_model_beside(
    genome: Callable[..., Outcome], folder: Path, tmp_path: Path
) -> None:
    place = 4000
    expected = GENOME[place]
    others = [base for base in "ACGT" if base != expected]
    (tmp_path / "v.tsv").write_text(
        f"chrom\tpos\tref\talt\nchr1\t{place + 1}\t{expected}\t{','.join(others)}\n", encoding="utf-8"
    )
    done = genome(f"path={folder / 'genome.fa'}", "variants=v.tsv", "output=e.csv")
    assert done.code == 0, done.err
    assert "3 variants scored" in done.out
    with (tmp_path / "e.csv").open(encoding="utf-8") as file:
        assert [row["allele"] for row in csv.DictReader(file)] == others


def test_a_path_without_a_file_is_one_line(genome: Callable[..., Outcome]) -> None:
    done = genome("path=nothing.fa")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "path=nothing.fa" in done.err


def test_another_genome_is_measured_without_the_training_regions(
    genome: Callable[..., Outcome], tmp_path: Path
) -> None:
    write_fasta(tmp_path / "other.fa", {"x": GENOME[:700]})
    done = genome("path=other.fa", "cache_dir=nowhere", "both_strands=false")
    assert done.code == 0, done.err
    assert "No Markov models beside the model" in " ".join(done.out.split())
    assert "trained model" in done.out
