"""Models that have learned nothing, with the vocabulary of a small text, as bundles in memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from halo.bundle.loading import Bundle
from halo.config import DataConfig, SavedConfig
from halo.corpus.prepare import prepare
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import data_config, model_config

TEXT = "the virus spreads in the air , and the doctors ( 80% ) don't know why it spreads so fast . "


def tiny_bundle(*, kind: str = "word", eos: str = "paragraph", model: str = "lstm", seed: int = 0) -> Bundle:
    """Returns an untrained model, in evaluation mode.

    Args:
        kind: The kind of tokenizer.
        eos: Where the training text has `<eos>`.
        model: The architecture, a file of conf/model.
        seed: Seed of the weights.
    """
    max_size = 300 if kind == "bpe" else None
    tokenizer = TextTokenizer.train([TEXT] * 3, kind=kind, min_count=1, max_size=max_size)
    data: DataConfig = data_config()
    data = replace(data, tokenizer=replace(data.tokenizer, kind=kind, eos=eos, max_size=max_size))  # type: ignore[arg-type]
    config = SavedConfig(data=data, model=model_config(model))
    torch.manual_seed(seed)
    network = build_model(config.model, tokenizer.words()).eval()
    for weight in network.parameters():  # away from the uniform distribution of a new model
        torch.nn.init.normal_(weight, std=0.5) if weight.requires_grad else None
    statistics = WordStatistics(np.arange(1, tokenizer.vocab_size + 1), {})
    return Bundle(Path("tiny"), network, tokenizer, statistics, config, is_bundle=True)


def bundle_of_corpus(file: Path, cache: Path) -> Bundle:
    """Returns an untrained model with the vocabulary of a prepared text.

    Args:
        file: The text.
        cache: The folder that it is prepared in.
    """
    data = replace(data_config(), path=str(file), cache_dir=str(cache), batch_size=2, sequence_length=10)
    tokenizer = prepare(data).tokenizer
    config = SavedConfig(data=data, model=model_config("lstm"))
    network = build_model(config.model, tokenizer.words()).eval()
    statistics = WordStatistics(np.arange(1, tokenizer.vocab_size + 1), {})
    return Bundle(Path("tiny"), network, tokenizer, statistics, config, is_bundle=True)
