"""Small genomes for tests: random sequences, files of them, and their settings."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from halo.config import DataConfig, GenomeConfig, PrepareConfig, parse
from halo.corpus.corpus import Corpus
from halo.corpus.genomes.letters import Letters
from halo.corpus.prepare import prepare
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.file_kinds import SEQUENCE_KINDS
from halo.corpus.sources.files import SourceFile
from tests.conftest import compose_config


def random_bases(length: int, *, seed: int, letters: bytes = b"ACGT") -> Letters:
    return np.random.default_rng(seed).choice(np.frombuffer(letters, dtype=np.uint8), length)


def random_sequence(length: int, *, seed: int, letters: bytes = b"ACGT") -> str:
    return random_bases(length, seed=seed, letters=letters).tobytes().decode()


def write_fasta(file: Path, records: Mapping[str, str], *, width: int = 60) -> Path:
    lines = []
    for name, sequence in records.items():
        lines += [f">{name}", *(sequence[at : at + width] for at in range(0, len(sequence), width))]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


@cache
def genome_data(*overrides: str) -> DataConfig:
    settings = ["data=genome", "data.path=none.fa", "data.batch_size=4", "data.sequence_length=16"]
    settings += ["data.eval_batch_size=2", "data.report_batch_size=2"]
    return parse(compose_config("prepare", [*settings, *overrides]), PrepareConfig).data


def genome_config(*overrides: str) -> GenomeConfig:
    config = genome_data().genome
    assert config is not None
    changes = (override.partition("=") for override in overrides)
    return replace(config, **{name: yaml.safe_load(value) for name, _, value in changes})


def source_of(file: Path) -> SourceFile:
    return find_files([str(file)], key="data.path", kinds=SEQUENCE_KINDS).files[0]


def prepare_genome(folder: Path, records: Mapping[str, str], *overrides: str) -> Corpus:
    """Prepares records with regions of about 200 bases and gaps of 20."""
    file = write_fasta(folder / "a.fa", records)
    small = ("data.genome.gap=20", "data.genome.region_length=200")
    return prepare(genome_data(f"data.path={file}", f"data.cache_dir={folder / 'cache'}", *small, *overrides))
