"""The probabilities that a classifier assigns to the labels of texts.

Shape letters: N texts, C labels.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.document_batches import batches_by_length, make_batch
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.models.language_model import evaluation_mode
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TokenIds

TEXTS_PER_BATCH = 64
MAX_DIFFERENCE = 2_000
"""Tokens by which texts that are read side by side may differ in length."""

Logits = npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float64]


def predict(classifier: ClassifierBundle, texts: Sequence[str]) -> Probabilities:
    """Returns the probability of each label for each text, float64, shape (N, C); rows sum to 1.

    Texts are cleaned and tokenized like the training text, and the logits are divided by the temperature that was
    chosen on the validation split.

    Args:
        classifier: A loaded classifier.
        texts: The texts, as they are.

    Raises:
        InputError: A text is empty after cleaning; the message has its number, counted from 1.
    """
    documents = encode_texts(classifier, texts)
    for number, (text, ids) in enumerate(zip(texts, documents, strict=True), start=1):
        if len(ids) == 0:
            raise InputError(f"text {number} of {len(texts)}: {text[:40]!r} contains no words after cleaning")
    return predict_documents(classifier, documents)


def encode_texts(classifier: ClassifierBundle, texts: Sequence[str]) -> list[TokenIds]:
    """Returns the token ids of texts, cleaned and tokenized like the training text; none for a text without words."""
    data = classifier.config.data
    encoded = encode_documents([clean_document(text, data) for text in texts], classifier.tokenizer, data)
    return [encoded.ids[begin:end] for begin, end in zip(encoded.offsets[:-1], encoded.offsets[1:], strict=True)]


def predict_documents(classifier: ClassifierBundle, documents: Sequence[TokenIds]) -> Probabilities:
    """Returns the probability of each label for each document; rows sum to 1.

    Args:
        classifier: A loaded classifier.
        documents: The token ids of each document, at least one token each.
    """
    return softmax(predict_logits(classifier.model, documents) / classifier.temperature)


@torch.no_grad()
def predict_logits(model: TextClassifier, documents: Sequence[TokenIds]) -> Logits:
    """Returns the logits of each label for each document, float64, shape (N, C).

    Args:
        model: The network; it is used in evaluation mode.
        documents: The token ids of each document, at least one token each.
    """
    lengths = [len(ids) for ids in documents]
    device = next(model.parameters()).device
    rows: dict[int, Logits] = {}
    with evaluation_mode(model):
        for numbers in batches_by_length(lengths, batch_size=TEXTS_PER_BATCH, max_difference=MAX_DIFFERENCE):
            batch = make_batch([documents[number] for number in numbers], None, eos_id=model.eos_id)
            logits_BC = model(batch.ids_BN.to(device), batch.lengths_B.to(device))
            rows.update(zip(numbers, logits_BC.double().cpu().numpy(), strict=True))
    found = [rows[number] for number in range(len(documents))]
    return np.stack(found) if found else np.zeros((0, num_labels(model)))


def num_labels(model: TextClassifier) -> int:
    """Returns the number of labels of a classifier, C."""
    last = model.head[-1]
    assert isinstance(last, nn.Linear)
    return last.out_features


def softmax(logits_NC: Logits) -> Probabilities:
    """Returns the probabilities of logits, float64; rows sum to 1.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    shares_NC = np.exp(logits_NC - logits_NC.max(axis=1, keepdims=True))
    probabilities: Probabilities = shares_NC / shares_NC.sum(axis=1, keepdims=True)
    return probabilities
