"""Errors that users see as a single line: unusable input, failed training, and runs stopped by a signal."""

import contextlib
import errno
import os
import signal
from collections.abc import Iterator, Mapping

DISK_FULL = "No space left on device"
"""Message of libraries that do not raise `OSError`, such as safetensors."""

PRUNED_STATUS = 3
"""The exit status of a run that its sweep has stopped because others are better."""

DISK_FULL_STATUS = getattr(os, "EX_TEMPFAIL", 75)
"""The exit status of a run that a full disk or quota has stopped: the same command may succeed later."""


class InputError(ValueError):
    """Unusable input from the user: a setting, a file, a prompt.

    The message is one line: what is wrong, where, what is allowed, what to do. Commands print it and exit with
    status 2; nothing has been written by then.
    """


class UnreachableError(InputError):
    """A process cannot reach the others, so each machine reports it for itself."""


class TrainingError(RuntimeError):
    """A failure during training, such as a loss that is no longer finite.

    The message is one line with the step, the location of the last good state, and a hint. Commands exit with status 1.
    """


class Stopped(RuntimeError):  # noqa: N818  not an error, but a requested end
    """A run was ended by a signal; it can be resumed from the resume checkpoint written before.

    Attributes:
        signal_number: The signal. Commands exit with 128 plus this number, as shells do.
        step: The last completed optimizer step; of several runs, the largest one.
        steps_of_seeds: The step of each run, by its seed, where several run side by side.
        hint: How to resume, filled in by the code that catches this.
    """

    def __init__(self, signal_number: int, *, step: int, steps_of_seeds: Mapping[int, int] | None = None) -> None:
        super().__init__(signal_number, step)
        self.signal_number = signal_number
        self.step = step
        self.steps_of_seeds = steps_of_seeds or {}
        self.hint = ""

    def __str__(self) -> str:
        name = signal.Signals(self.signal_number).name
        places = [f"step {step} of seed {seed}" for seed, step in self.steps_of_seeds.items()]
        return f"stopped by {name} after {', '.join(places) or f'step {self.step}'}{'; ' * bool(self.hint)}{self.hint}"

    @property
    def exit_status(self) -> int:
        """The exit status of the command."""
        return 128 + self.signal_number


class Pruned(Stopped):
    """A run was stopped by its sweep because others are better; it can be resumed as well.

    Args:
        step: The last completed optimizer step.
    """

    def __init__(self, *, step: int) -> None:
        super().__init__(0, step=step)

    def __str__(self) -> str:
        return f"pruned after step {self.step}: other trials are better{'; ' * bool(self.hint)}{self.hint}"

    @property
    def exit_status(self) -> int:
        """The exit status of the command."""
        return PRUNED_STATUS


def require(condition: bool, key: str, value: object, allowed: str) -> None:
    """Raises `InputError` with the key, its value and the allowed values, unless `condition` holds."""
    if not condition:
        raise InputError(f"{key}={value}: {allowed}")


def require_sizes(**sizes: int | None) -> None:
    """Raises `InputError` unless every size is at least 1, or None."""
    for name, size in sizes.items():
        require(size is None or size >= 1, name, size, "must be at least 1")


def require_probabilities(**probabilities: float) -> None:
    """Raises `InputError` unless every probability is from 0 to below 1."""
    for name, probability in probabilities.items():
        require(0 <= probability < 1, name, probability, "must be a number from 0 to below 1")


def reason(error: BaseException) -> str:
    """Returns the message of an exception as one printable line, or the name of its type if it has none."""
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return printable(" ".join(str(error).split()))[:300] or type(error).__name__


def is_disk_full(error: BaseException | None) -> bool:
    """Returns whether a full disk or an exhausted quota has caused an error.

    >>> is_disk_full(OSError(28, "No space left on device")), is_disk_full(OSError(13, "Permission denied"))
    (True, False)
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            return True
        if DISK_FULL in str(error):
            return True
        error = error.__cause__
    return False


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Returns a number with its noun, in the plural unless the number is 1.

    Args:
        number: How many there are.
        noun: What they are, for a single one.
        plural: What several are; None for the noun with an `s`.

    >>> counted(1, "file"), counted(1_200, "file"), counted(0, "entry", "entries")
    ('1 file', '1,200 files', '0 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def printable(text: str) -> str:
    """Returns `text` with U+FFFD for every unprintable character.

    Error messages of libraries may quote bytes of a file, which a terminal could take for control sequences.
    """
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


@contextlib.contextmanager
def packages_of_extra(extra: str, *, purpose: str) -> Iterator[None]:
    """Turns the failed import of a missing package into an `InputError` that says how to install it.

    Args:
        extra: The extra that the package belongs to, see pyproject.toml.
        purpose: What needs it.

    >>> with packages_of_extra("train", purpose="training"):
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
        message = f"{purpose} needs the package {missing}; pip install 'semblance-halo[{extra}]'"
        raise InputError(message) from error
