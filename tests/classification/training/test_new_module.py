"""A module that has learned nothing: the given language model with a share of its dropout, and a new head."""

import torch
from torch import nn

from halo.classification.training.new_module import measure_standardisation, new_module
from halo.config import ClassifyConfig, parse
from halo.models.dropout import LockedDropout
from tests.conftest import compose_config
from tests.support.tiny_classifiers import WORDS, planted_documents, tiny_classifier, tiny_language_model


def dropout_rates(model: nn.Module) -> list[float]:
    return [each.probability for each in model.modules() if isinstance(each, LockedDropout)]


def test_the_language_model_keeps_its_weights_and_a_share_of_its_dropout() -> None:
    encoder = tiny_language_model(WORDS, "dropout_input=0.4", "dropout_output=0.2")
    settings = ["classifier.encoder_dropout=0.5", "run_dir=run"]
    config = parse(compose_config("classify", settings), ClassifyConfig)
    module = new_module(config, encoder, planted_documents())
    own, given = module.model.encoder.state_dict(), encoder.model.state_dict()
    assert all(torch.equal(own[name], weight) for name, weight in given.items())
    assert max(dropout_rates(encoder.model)) == 0.4
    assert dropout_rates(module.model.encoder) == [rate / 2 for rate in dropout_rates(encoder.model)]
    again = new_module(config, encoder, planted_documents())
    assert all(map(torch.equal, module.model.state_dict().values(), again.model.state_dict().values()))


def test_pooled_features_of_the_training_documents_are_standardised() -> None:
    model, documents = tiny_classifier("lstm", num_labels=2), planted_documents()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    measure_standardisation(model, documents, seed=1)
    after = model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert not changed & {name for name, _ in model.named_parameters()}
