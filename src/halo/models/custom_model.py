"""Models of the user's own: importing the class, and constructing it from the settings.

    model:
      _target_: my_package.MyModel
      hidden: 128

becomes `MyModel(vocab_size=..., hidden=128)`. Only what a user has typed is imported: the command line, the settings of
a training run, or the argument of a Python call; never what the configuration of a saved model names.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError, reason


def import_model_class(path: str, *, key: str) -> type[LanguageModel]:
    """Imports a model class by its dotted path.

    Args:
        path: Module and class, such as `my_package.MyModel`.
        key: The setting that holds the path, for error messages.

    Raises:
        InputError: The module cannot be imported, or has no such class.

    >>> import_model_class("halo.models.recurrent.RecurrentModel", key="model_class").__name__
    'RecurrentModel'
    """
    module_name, _, class_name = path.rpartition(".")
    if not module_name:
        raise InputError(f"{key}={path}: give module and class, such as my_package.MyModel")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a module of the user's may fail in any way while it is imported
        hint = "is its folder on PYTHONPATH?" if isinstance(error, ImportError) else "correct the module"
        raise InputError(f"{key}={path}: cannot import {module_name} ({reason(error)}); {hint}") from error
    if not hasattr(module, class_name):
        raise InputError(f"{key}={path}: {module_name} has no {class_name}; correct the name")
    return require_model_class(getattr(module, class_name), key=key)


def require_model_class(candidate: object, *, key: str) -> type[LanguageModel]:
    """Returns the object itself if it is a class of language models.

    Raises:
        InputError: It is something else.
    """
    if isinstance(candidate, type) and issubclass(candidate, LanguageModel):
        return candidate
    name = getattr(candidate, "__qualname__", repr(candidate))
    raise InputError(
        f"{key}={name}: not a subclass of halo.models.language_model.LanguageModel; derive the class from it"
    )


def construct_model(
    model_class: type[LanguageModel], *, vocab_size: int, arguments: Mapping[str, Any]
) -> LanguageModel:
    """Returns a model of the user's own with fresh weights.

    Args:
        model_class: The class.
        vocab_size: Number of words of the vocabulary.
        arguments: Its other keyword arguments.

    Raises:
        InputError: The constructor fails; the exception it raised is the cause.
    """
    try:
        return model_class(vocab_size=vocab_size, **arguments)
    except Exception as error:  # as above, and the arguments may come from a saved model
        problem = f"{type(error).__name__}: {reason(error)}"
        raise InputError(
            f"model: {model_class.__qualname__} cannot be constructed ({problem}); correct its arguments"
        ) from error
