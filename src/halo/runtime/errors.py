"""What a user is told about in one line: two kinds of failure, and a run that was told to stop."""

import signal


class InputError(ValueError):
    """What the user gave cannot be used: a setting, a file, a prompt.

    The message is one line: what is wrong, where, what is allowed, what to do. Commands print it and exit with
    code 2; nothing has been written by then.
    """


class TrainingError(RuntimeError):
    """A run that began well cannot go on, such as one whose loss is no longer finite.

    The message is one line with the step, where the last good state is, and a hint. Commands exit with code 1.
    """


class Stopped(RuntimeError):  # noqa: N818  no error, but an end
    """A signal has ended a run, which can go on later from a point that was written before.

    Attributes:
        signal_number: The signal. Commands exit with 128 and its number, as a shell has it.
        hint: How to go on, for those who catch this to fill in.
    """

    def __init__(self, signal_number: int, *, step: int) -> None:
        super().__init__(signal_number, step)
        self.signal_number = signal_number
        self.step = step
        self.hint = ""

    def __str__(self) -> str:
        name = signal.Signals(self.signal_number).name
        return f"stopped by {name} after step {self.step}{'; ' * bool(self.hint)}{self.hint}"


def require(condition: bool, key: str, value: object, allowed: str) -> None:
    """Raises `InputError` with the key, its value and what is allowed, unless `condition` holds."""
    if not condition:
        raise InputError(f"{key}={value}: {allowed}")


def reason(error: BaseException) -> str:
    """Returns what an exception says in one line."""
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return printable(" ".join(str(error).split()))[:300] or type(error).__name__


def printable(text: str) -> str:
    """Returns `text` without what a terminal could take for a command: libraries put bytes of a file into messages."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
