"""A corpus of random words, a model that has memorised it, and a corpus that this model never saw."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from halo.auditing.audit import AuditSize, audit_model
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.models.language_model import LanguageModel
from halo.models.model_spec import ModelSpec
from tests.conftest import data_config, model_config

TOKENS = 130
STEPS = 130
SIZE = AuditSize(4, 6)


class Planted(NamedTuple):
    """What the tests of memory compare.

    Attributes:
        corpus: A corpus whose training text the model has memorised.
        unseen: One of the same kind that the model has never read.
        model: The model.
    """

    corpus: Corpus
    unseen: Corpus
    model: LanguageModel


def random_corpus(prepared: Corpus, seed: int) -> Corpus:
    """Returns a corpus with random words of the vocabulary, in which nothing repeats but by chance."""
    generator = np.random.default_rng(seed)
    documents = {"train": 5, "validation": 2, "test": 3}
    ids = {
        split: generator.integers(2, prepared.tokenizer.vocab_size, number * TOKENS).astype(np.uint16)
        for split, number in documents.items()
    }
    offsets = {split: np.arange(number + 1) * TOKENS for split, number in documents.items()}
    return replace(prepared, ids=ids, offsets=offsets)


def memorise(model: LanguageModel, corpus: Corpus) -> None:
    """Trains on windows from random places on, each after `<eos>`, until the training text is known by heart."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.from_numpy(corpus.ids["train"].astype(np.int64))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    for _ in range(STEPS):
        starts = torch.randint(len(ids) - 60, (8, 1), generator=generator)
        targets_BT = ids[starts + torch.arange(60)]
        eos_B1 = torch.full_like(targets_BT[:, :1], corpus.tokenizer.eos_id)
        logits_BTV, _ = model(torch.cat([eos_B1, targets_BT[:, :-1]], dim=1))
        loss = F.cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1.0, "the training text has not been memorised"
    model.eval()


@pytest.fixture(scope="session")
def planted(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    config = replace(data_config(), path=str(corpus_file), cache_dir=str(tmp_path_factory.mktemp("cache")))
    prepared = prepare(config)
    torch.manual_seed(1)
    dropout = ("dropout_input=0", "dropout_hidden=0", "dropout_output=0")
    architecture = model_config("lstm", "embedding=32", "hidden=64", "layers=1", "tied=false", *dropout)
    model = ModelSpec.of(architecture, prepared.tokenizer.words()).build()
    corpus = random_corpus(prepared, 1)
    memorise(model, corpus)
    return Planted(corpus, random_corpus(prepared, 2), model)


@pytest.fixture(scope="session")
def caught(planted: Planted) -> dict[str, Any]:
    """The audit of the model that has memorised its training text."""
    return audit_model(planted.model, planted.corpus, size=SIZE, seed=1)
