"""Weights as other programs read them: stored, not computed, and each shared one once."""

from typing import NamedTuple

from torch import Tensor

from halo.models.computed_weights import fix_computed_weights
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network


class NamedWeight(NamedTuple):
    """A weight of a model.

    Attributes:
        tensor: The weight, on the CPU.
        other_names: Further places of the model that use the same weight, such as the output layer of a tied model.
    """

    tensor: Tensor
    other_names: tuple[str, ...]


def with_plain_weights(model: LanguageModel) -> LanguageModel:
    """Returns the model with every computed weight stored: word vectors then include those of their n-grams.

    Args:
        model: The model, changed in place, and moved to the CPU.
    """
    fix_computed_weights(model.cpu().eval())
    return model.requires_grad_(False)


def named_weights(model: LanguageModel) -> dict[str, NamedWeight]:
    """Returns the weights of a model by their first name in it."""
    found: dict[int, tuple[str, NamedWeight]] = {}
    for name, tensor in model.state_dict(keep_vars=True).items():  # the parameters themselves, known by their identity
        first, weight = found.get(id(tensor), (name, NamedWeight(tensor, ())))
        if first != name:
            weight = weight._replace(other_names=(*weight.other_names, name))
        found[id(tensor)] = first, weight
    return {name: weight._replace(tensor=weight.tensor.detach().contiguous()) for name, weight in found.values()}


def members_of(model: LanguageModel) -> list[Network]:
    """Returns the networks whose predictions are averaged: those of an ensemble, or the model alone."""
    if isinstance(model, Ensemble):
        return model.networks()
    assert isinstance(model, Network)
    return [model]
