"""The packages of the extra `train`, which an installation for inference lacks."""

import contextlib
from collections.abc import Iterator

from halo.runtime.errors import InputError


@contextlib.contextmanager
def training_packages(purpose: str) -> Iterator[None]:
    """Turns the failed import of a missing package into an `InputError` that says how to install it.

    >>> with training_packages("training"):
    ...     import not_a_package
    Traceback (most recent call last):
    ...
    halo.runtime.errors.InputError: training needs the package not_a_package; pip install 'semblance-halo[train]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing == "halo":
            raise
        message = f"{purpose} needs the package {missing}; pip install 'semblance-halo[train]'"
        raise InputError(message) from error
