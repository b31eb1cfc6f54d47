"""onnxruntime classifies as torch does: every architecture, for one text and for several of any length."""

import numpy as np
import onnxruntime
import pytest
import torch

from halo.classification.classifier import TextClassifier
from halo.exporting.onnx.classifier_graph import LENGTHS, PROBABILITIES, classifier_graph
from halo.exporting.onnx.onnx_model import IDS
from halo.exporting.portable.plain_weights import with_plain_weights
from tests.support.exported import CASES, VOCAB_SIZE, small_model

TEMPERATURE = 1.3
NUM_LABELS = 3
LENGTHS_B = np.array([230, 1, 20, 101])
"""Longer than a window of 100 tokens, a window and its border, and shorter than a context of 6."""


def network(case: str) -> TextClassifier:
    """Returns a classifier with random weights on a model of `CASES`."""
    hidden = 5 if case == "lstm" else None
    classifier = TextClassifier(small_model(case), NUM_LABELS, eos_id=1, head_hidden=hidden, head_dropout=0.5).eval()
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in classifier.head.parameters():
            weight.normal_(std=0.5)
        classifier.center_F.normal_()
        classifier.deviation_F.uniform_(0.5, 2)
    return classifier


@pytest.mark.parametrize("case", CASES)
def test_the_graph_classifies_as_torch_does(case: str) -> None:
    classifier = network(case)
    ids_BN = np.random.default_rng(5).integers(0, VOCAB_SIZE, (4, 230))
    with torch.no_grad():
        logits_BC = classifier(torch.from_numpy(ids_BN), torch.from_numpy(LENGTHS_B))
    expected = (logits_BC / TEMPERATURE).softmax(-1).numpy()
    with_plain_weights(classifier.encoder)
    proto = classifier_graph(classifier, num_labels=NUM_LABELS, temperature=TEMPERATURE, metadata={"eos_id": "1"})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == [IDS, LENGTHS]
    assert [each.name for each in session.get_outputs()] == [PROBABILITIES]
    (found,) = session.run(None, {IDS: ids_BN, LENGTHS: LENGTHS_B})
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-3  # the texts differ
    for number, length in enumerate(LENGTHS_B):  # alone, without filling up
        (alone,) = session.run(None, {IDS: ids_BN[number : number + 1, :length], LENGTHS: LENGTHS_B[number, None]})
        np.testing.assert_allclose(alone[0], expected[number], atol=1e-5)
    ids_BN[1, 1:] = 7  # behind the end anything may stand
    (filled,) = session.run(None, {IDS: ids_BN, LENGTHS: LENGTHS_B})
    np.testing.assert_allclose(filled[1], expected[1], atol=1e-5)
