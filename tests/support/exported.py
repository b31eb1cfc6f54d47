"""Small models with weights far from 0, as tests of exported models need them, and bundles of them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch

from halo.bundle.loading import Bundle, load_bundle
from halo.bundle.saving import save_bundle
from halo.config import SavedConfig
from halo.exporting.portable.plain_weights import with_plain_weights
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import data_config, model_config

VOCAB_SIZE = 60
IDS = np.random.default_rng(7).integers(0, VOCAB_SIZE, (3, 20))
"""Three texts; longer than the memories of pointer and transformer in `CASES`."""

CASES = {
    "lstm": ("lstm", "pointer_tokens=5"),
    "lstm without pointer": ("lstm", "pointer_tokens=null", "mogrifier_rounds=5", "subword_lengths=null"),
    "lstm without rounds": ("lstm", "mogrifier_rounds=0", "last_hidden=7", "pointer_tokens=30"),
    "awd_lstm": ("awd_lstm",),
    "gru": ("gru", "pointer_tokens=4"),
    "transformer": ("transformer",),
    "adaptive": ("transformer", "tied=false", "embedding=16", "adaptive_cutoffs=[10,30]"),
    "ensemble": ("lstm", "ensemble_size=2", "pointer_tokens=4", "tied=false"),
}
"""Architectures that together have every part that is exported."""


@cache
def small_model(case: str) -> LanguageModel:
    """Returns a model of `CASES` with random weights."""
    return _built(case)


@cache
def plain_model(case: str) -> LanguageModel:
    """Returns a model of `CASES` as it is exported; it predicts the same."""
    return with_plain_weights(_built(case))


def _built(case: str) -> LanguageModel:
    torch.manual_seed(1)
    words = ["<unk>", "<eos>", *(f"word{number}" for number in range(VOCAB_SIZE - 2))]
    model = build_model(model_config(*CASES[case]), words).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name:
                weight.normal_(0, 0.4)
    return model


@cache
def expected(case: str) -> torch.Tensor:
    """Returns the log-probabilities that torch computes for `IDS`, shape (3, 20, VOCAB_SIZE)."""
    with torch.no_grad():
        log_probabilities: torch.Tensor = small_model(case)(torch.from_numpy(IDS))[0].log_softmax(-1)
    return log_probabilities


def saved_bundle(folder: Path, texts: Sequence[str], *model_settings: str) -> Path:
    """Writes a bundle of an untrained model whose vocabulary is that of some cleaned texts, and returns its folder."""
    tokenizer = TextTokenizer.train(texts, kind="word", min_count=1, max_size=None)
    torch.manual_seed(2)
    config = SavedConfig(data=data_config(), model=model_config("lstm", *model_settings))
    model = build_model(config.model, tokenizer.words())
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.4)
    statistics = WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {})
    save_bundle(
        folder,
        model=model,
        tokenizer=tokenizer,
        word_statistics=statistics,
        config=config,
        metrics={},
        model_card="# Card\n",
    )
    return folder


def opened_bundle(folder: Path) -> Bundle:
    """Returns a saved bundle, loaded anew."""
    return load_bundle(folder)
