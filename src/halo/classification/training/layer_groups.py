"""Layer groups of a classifier: they get learning rates of their own, and are unfrozen one after the other."""

import re
from collections.abc import Sequence
from typing import Any

from torch import nn

from halo.classification.classifier import TextClassifier

_LAYER = re.compile(r"(?:members\.\d+\.)?layers\.(\d+)\.")
_EMBEDDING = re.compile(r"(?:members\.\d+\.)?embedding\.")
_UNUSED = re.compile(r"(?:members\.\d+\.)?(?:output|pointer)\.")
"""Parts that predict words, and do not contribute to the features."""

LayerGroup = list[nn.Parameter]


def layer_groups(classifier: TextClassifier) -> list[LayerGroup]:
    """Returns the parameters of a classifier by layer, from the top: the head, the last layer, ..., the word vectors.

    Those behind the last layer, such as a projection, belong to its group; the members of an ensemble are side by side.
    The output layer and the pointer are left out, except for word vectors that the output shares. A language model of
    another structure, such as one of the user's own, is a single group.

    >>> from halo.models.recurrent import RecurrentModel
    >>> encoder = RecurrentModel(vocab_size=100, embedding=16, hidden=32, layers=2)
    >>> len(layer_groups(TextClassifier(encoder, 3, eos_id=1)))
    4
    """
    named = dict(classifier.encoder.named_parameters())
    layers = [int(match[1]) for name in named if (match := _LAYER.match(name))]
    if not layers or not any(_EMBEDDING.match(name) for name in named):
        return [list(classifier.head.parameters()), list(named.values())]
    below: list[LayerGroup] = [[] for _ in range(max(layers) + 2)]
    for name, parameter in named.items():
        match = _LAYER.match(name)
        if _EMBEDDING.match(name):
            below[0].append(parameter)
        elif match is not None:
            below[int(match[1]) + 1].append(parameter)
        elif not _UNUSED.match(name):
            below[-1].append(parameter)
    return [list(classifier.head.parameters()), *reversed(below)]


def unfreeze(groups: Sequence[LayerGroup], classifier: TextClassifier, *, number: int) -> None:
    """Makes only the parameters of the first groups trainable.

    Args:
        groups: The layer groups, from the top.
        classifier: The classifier; parameters that belong to no group are frozen.
        number: Number of groups to train.
    """
    for parameter in classifier.parameters():
        parameter.requires_grad_(False)
    for group in groups[:number]:
        for parameter in group:
            parameter.requires_grad_(True)


def parameter_groups(
    groups: Sequence[LayerGroup], *, lr: float, layer_divisor: float, weight_decay: float
) -> list[dict[str, Any]]:
    """Returns the parameter groups of an optimizer, with the learning rate of each layer group.

    That of a layer is that of the layer above it divided by `layer_divisor`, for which Howard and Ruder (2018, section
    3.2) found 2.6 to work well. Biases and norms do not decay.

    Args:
        groups: The layer groups, from the top.
        lr: The learning rate of the first group.
        layer_divisor: The divisor.
        weight_decay: Weight decay of matrices.
    """
    found: list[dict[str, Any]] = []
    for number, group in enumerate(groups):
        rate = lr / layer_divisor**number
        for name, kept, decay in (("weights", True, weight_decay), ("biases", False, 0.0)):
            chosen = [parameter for parameter in group if (parameter.dim() > 1) == kept]
            if chosen:
                found.append({"params": chosen, "lr": rate, "weight_decay": decay, "name": f"group{number}/{name}"})
    return found
