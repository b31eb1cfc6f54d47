"""Classifiers that have learned nothing, or that know what one word means, in memory and as saved folders."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import ClassifierBundle, save_classifier
from halo.config import SavedConfig
from halo.models.language_model import ModelOutput, Network, State
from halo.models.output import SoftmaxOutput
from tests.support.tiny_bundles import tiny_bundle

LABELS = ("bad", "good")


def tiny_classifier(
    *, labels: tuple[str, ...] = LABELS, model: str = "lstm", kind: str = "word", seed: int = 0
) -> ClassifierBundle:
    """Returns an untrained classifier, in evaluation mode.

    Args:
        labels: Its labels.
        model: The architecture of its language model, a file of conf/model.
        kind: The kind of tokenizer.
        seed: Seed of the weights.
    """
    bundle = tiny_bundle(model=model, kind=kind, seed=seed)
    network = TextClassifier(bundle.model, len(labels), eos_id=bundle.tokenizer.eos_id).eval()
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in network.head.parameters():
            weight.normal_(std=0.7)
    return ClassifierBundle(
        Path("tiny"), network, bundle.tokenizer, bundle.config, labels, temperature=1.5, settings={}
    )


class WordPresence(Network):
    """A network with a feature for each word of the vocabulary: 1 where the token is that word.

    Args:
        vocab_size: Number of words of the vocabulary.
    """

    def __init__(self, *, vocab_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, vocab_size, _weight=torch.eye(vocab_size))
        self.output = SoftmaxOutput(self.embedding)

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the words as features."""
        return ModelOutput(self.embedding(ids_BT), [(ids_BT[:, -1:],)], pointer_output=None, penalty=None)


def word_classifier(weights: dict[str, float]) -> ClassifierBundle:
    """Returns a classifier whose logit of `good` is the sum of the weights of the words that a text has.

    Args:
        weights: The weight of some words of `tiny_bundles.TEXT`.
    """
    found = tiny_classifier()
    vocab_size = found.tokenizer.vocab_size
    network = TextClassifier(WordPresence(vocab_size=vocab_size), len(LABELS), eos_id=found.tokenizer.eos_id).eval()
    linear = network.head[-1]
    assert isinstance(linear, nn.Linear)
    with torch.no_grad():
        linear.weight.zero_()
        linear.bias.zero_()
        for word, weight in weights.items():
            (token_id,) = found.tokenizer.encode(word)
            linear.weight[1, vocab_size + token_id] = weight  # of the maximum over the tokens
    return replace(found, model=network, temperature=1.0)


def saved_classifier(folder: Path, classifier: ClassifierBundle) -> Path:
    """Writes a classifier and returns its folder."""
    save_classifier(
        folder,
        model=classifier.model,
        tokenizer=classifier.tokenizer,
        config=SavedConfig(data=classifier.config.data, model=classifier.config.model),
        labels=classifier.labels,
        temperature=classifier.temperature,
        head_hidden=None,
        settings={},
    )
    return folder
