import pytest

from halo.classification.training.layer_groups import layer_groups, parameter_groups, unfreeze
from tests.conftest import MODELS
from tests.support.tiny_classifiers import tiny_classifier


@pytest.mark.parametrize("overrides", [(), ("ensemble_size=2",)], ids=str)
@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_of_the_features_is_in_one_group(name: str, overrides: tuple[str, ...]) -> None:
    classifier = tiny_classifier(name, *overrides)
    groups = layer_groups(classifier)
    assert len(groups) == 4  # head, two layers, word vectors
    grouped = [id(parameter) for group in groups for parameter in group]
    assert len(grouped) == len({*grouped})
    left_out = [key for key, parameter in classifier.named_parameters() if id(parameter) not in grouped]
    assert all("output." in key or "pointer." in key for key in left_out)


def test_rates_fall_from_layer_to_layer_and_biases_do_not_decay() -> None:
    groups = parameter_groups(layer_groups(tiny_classifier()), lr=0.01, layer_divisor=2.6, weight_decay=0.1)
    rates = {group["name"]: group["lr"] for group in groups}
    assert rates["group0/weights"] == 0.01
    assert rates["group1/weights"] == pytest.approx(0.01 / 2.6)
    assert rates["group3/weights"] == pytest.approx(0.01 / 2.6**3)
    assert {group["weight_decay"] for group in groups if group["name"].endswith("biases")} == {0.0}


def test_layers_are_unfrozen_from_the_top() -> None:
    classifier = tiny_classifier()
    groups = layer_groups(classifier)
    for number in (1, 2, 4):
        unfreeze(groups, classifier, number=number)
        trainable = {id(p) for p in classifier.parameters() if p.requires_grad}
        assert trainable == {id(p) for group in groups[:number] for p in group}
