"""Imports and constructs a class of the user's own, which a setting names by its dotted path."""

import importlib
from collections.abc import Mapping
from typing import Any, TypeVar

from halo.runtime.errors import InputError, reason

Base = TypeVar("Base")


def import_class(path: str, base: type[Base], *, key: str) -> type[Base]:
    """Imports a class by its dotted path.

    Importing a module executes it. Pass only paths that the user has given, in a setting or an argument; never one from
    a saved model.

    Args:
        path: Module and class, such as `my_package.MyClass`.
        base: The class that it has to be derived from.
        key: The setting that holds the path, for error messages.

    Raises:
        InputError: The module cannot be imported, has no such class, or the class is not derived from `base`.

    >>> import_class("collections.OrderedDict", dict, key="optim._target_").__name__
    'OrderedDict'
    """
    module_name, _, class_name = path.rpartition(".")
    if not module_name:
        raise InputError(f"{key}={path}: give module and class, such as my_package.MyClass")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's module may fail in any way while it is imported
        hint = "is its folder on PYTHONPATH?" if isinstance(error, ImportError) else "correct the module"
        raise InputError(f"{key}={path}: cannot import {module_name} ({reason(error)}); {hint}") from error
    if not hasattr(module, class_name):
        raise InputError(f"{key}={path}: {module_name} has no {class_name}; correct the name")
    return require_subclass(getattr(module, class_name), base, key=key, name=path)


def require_subclass(candidate: object, base: type[Base], *, key: str, name: str | None = None) -> type[Base]:
    """Returns the object itself if it is a class derived from `base`.

    Args:
        candidate: The object.
        base: The class that it has to be derived from.
        key: The setting or argument that it comes from, for error messages.
        name: How the user has named it; None for its own name.

    Raises:
        InputError: It is something else.
    """
    if isinstance(candidate, type) and issubclass(candidate, base):
        return candidate
    name = name or getattr(candidate, "__qualname__", repr(candidate))
    required = f"{base.__module__}.{base.__qualname__}"
    raise InputError(f"{key}={name}: not a subclass of {required}; derive the class from it")


def construct(user_class: type[Base], *positional: Any, arguments: Mapping[str, Any], key: str) -> Base:
    """Returns an instance of a user's class.

    Args:
        user_class: The class.
        positional: Its positional arguments.
        arguments: Its keyword arguments, from the settings.
        key: The group of settings that holds them, for error messages.

    Raises:
        InputError: The constructor fails; the exception that it raised is the cause.

    >>> construct(dict, arguments={"lr": 0.1}, key="optim")
    {'lr': 0.1}
    """
    try:
        return user_class(*positional, **arguments)
    except Exception as error:  # a user's class may fail in any way
        problem = f"{type(error).__name__}: {reason(error)}"
        message = f"{key}: {user_class.__qualname__} cannot be constructed ({problem}); correct its arguments"
        raise InputError(message) from error
