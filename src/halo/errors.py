"""The two kinds of failure that a user is told about in one line."""


class InputError(ValueError):
    """What the user gave cannot be used: a setting, a file, a prompt.

    The message is one line: what is wrong, where, what is allowed, what to do. Commands print it and exit with
    code 2; nothing has been written by then.
    """


class TrainingError(RuntimeError):
    """A run that began well cannot go on, such as one whose loss is no longer finite.

    The message is one line with the step, where the last good state is, and a hint. Commands exit with code 1.
    """


def require(condition: bool, key: str, value: object, allowed: str) -> None:
    """Raises `InputError` with the key, its value and what is allowed, unless `condition` holds."""
    if not condition:
        raise InputError(f"{key}={value}: {allowed}")
