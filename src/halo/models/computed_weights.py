"""Weights that are computed from others, such as word vectors with the vectors of their character n-grams."""

import contextlib
from collections.abc import Iterator

from torch import nn
from torch.nn.utils import parametrize


@contextlib.contextmanager
def cached_weights(model: nn.Module) -> Iterator[None]:
    """Computes each computed weight of a model at most once within the context.

    A model without such weights is left alone: the cache of `parametrize.cached` is shared by all threads.

    Args:
        model: The model, or a part of it.
    """
    has_computed = any(map(parametrize.is_parametrized, model.modules()))
    with parametrize.cached() if has_computed else contextlib.nullcontext():
        yield


def fix_computed_weights(model: nn.Module) -> None:
    """Replaces each computed weight by its value, for a model that is not trained any further.

    The model predicts the same, and several threads can use it, since nothing is computed or cached any more.

    Args:
        model: The model, changed in place.

    >>> import torch
    >>> from torch.nn.utils import parametrizations
    >>> layer = parametrizations.weight_norm(nn.Linear(2, 2))
    >>> before = layer(torch.ones(2))
    >>> fix_computed_weights(layer)
    >>> bool((layer(torch.ones(2)) == before).all()), parametrize.is_parametrized(layer)
    (True, False)
    """
    for module in list(model.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)
