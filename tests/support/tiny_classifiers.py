"""Tiny classifiers and labelled documents, without a text."""

from pathlib import Path

import numpy as np
import torch

from halo.bundle.loading import Bundle
from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import ClassifierBundle, load_classifier, save_classifier
from halo.classification.labelled_documents import LabelledDocuments, LabelledSplit
from halo.config import SPLITS, SavedConfig
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import data_config, model_config

WORDS = ["good", "bad", "film", "the", "was", "plot", "actor", "very", "long", "seen"]


def tiny_tokenizer(words: list[str] = WORDS) -> TextTokenizer:
    """Returns a tokenizer that knows these words."""
    return TextTokenizer.train([" ".join(words)], kind="word", min_count=1, max_size=None)


def tiny_classifier(
    name: str = "lstm", *overrides: str, num_labels: int = 3, head_hidden: int | None = None
) -> TextClassifier:
    """Returns a new classifier on a tiny language model, in evaluation mode: `tiny_classifier("gru")`."""
    torch.manual_seed(1)
    encoder = build_model(model_config(name, *overrides), tiny_tokenizer().words())
    classifier = TextClassifier(encoder, num_labels, eos_id=1, head_hidden=head_hidden, max_gradient_tokens=8)
    return classifier.eval()


def tiny_language_model(words: list[str], *overrides: str) -> Bundle:
    """Returns a new language model that knows these words, as if it had been loaded."""
    torch.manual_seed(1)
    tokenizer, config = tiny_tokenizer(words), model_config("lstm", *overrides)
    statistics = WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {})
    saved = SavedConfig(data=data_config(), model=config)
    model = build_model(config, tokenizer.words()).eval()
    return Bundle(Path("given"), model, tokenizer, statistics, saved, is_bundle=True)


def saved_classifier(folder: Path, *, labels: tuple[str, ...] = ("no", "yes")) -> ClassifierBundle:
    """Saves a new classifier, and returns it as it is loaded again."""
    save_classifier(
        folder,
        model=tiny_classifier(num_labels=len(labels)),
        tokenizer=tiny_tokenizer(),
        config=SavedConfig(data=data_config(), model=model_config("lstm")),
        labels=labels,
        temperature=1.0,
        head_hidden=None,
        settings={},
    )
    return load_classifier(folder)


def planted_documents(*, num_train: int = 60, num_held_out: int = 20) -> LabelledDocuments:
    """Returns documents of two labels, of which each has a word that the other lacks."""
    tokenizer, generator = tiny_tokenizer(), np.random.default_rng(1)
    vocabulary = tokenizer.vocabulary()
    others = [vocabulary[word] for word in WORDS[2:]]
    splits = {}
    for split in SPLITS:
        number = num_train if split == "train" else num_held_out
        targets_N = np.arange(number) % 2
        ids = []
        for target in targets_N.tolist():
            words = generator.choice(others, size=int(generator.integers(5, 30)))
            words[generator.integers(len(words))] = vocabulary[WORDS[target]]
            ids.append(np.append(words, tokenizer.eos_id).astype(np.uint16))
        splits[split] = LabelledSplit(ids, targets_N, np.arange(number))
    return LabelledDocuments(("good", "bad"), splits, tokenizer)
