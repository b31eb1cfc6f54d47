"""Checks the options of a command line before Hydra sees them."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from halo.runtime.errors import InputError


class OptionParser(argparse.ArgumentParser):
    """A parser that reports a wrong option as an `InputError` instead of printing its usage and exiting."""

    hint = "settings are given as KEY=VALUE, and `--help` lists them"

    def error(self, message: str) -> NoReturn:
        """Raises the error; part of the public interface of `argparse`, which calls it."""
        raise InputError(f"{message}; {self.hint}")


class Arguments(NamedTuple):
    """A command line that Hydra accepts.

    Attributes:
        options: The options, with their values.
        settings: The settings, KEY=VALUE.
        wants_help: Whether `--help` is among the options.
    """

    options: list[str]
    settings: list[str]
    wants_help: bool


def parse_arguments(arguments: Sequence[str]) -> Arguments:
    """Returns the options and settings of a command line, which may stand in any order; Hydra wants options first.

    The options are those of Hydra 1.3, by the same names, so that Hydra accepts every command line that passes here.
    `--experimental-rerun` is left out: it unpickles a file, and unpickling can execute code.

    Raises:
        InputError: An option that does not exist, or one without its value.
    """
    parser = OptionParser(add_help=False, allow_abbrev=False)
    parser.add_argument("overrides", nargs="*")
    for names in (
        ("--help", "-h"),
        ("--hydra-help",),
        ("--version",),
        ("--run", "-r"),
        ("--multirun", "-m"),
        ("--resolve",),
        ("--shell-completion", "-sc"),
    ):
        parser.add_argument(*names, action="store_true")
    for names in (("--package", "-p"), ("--config-path", "-cp"), ("--config-name", "-cn"), ("--config-dir", "-cd")):
        parser.add_argument(*names)
    parser.add_argument("--cfg", "-c", choices=("job", "hydra", "all"))
    topics = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
    parser.add_argument("--info", "-i", nargs="?", const="all", choices=topics)
    parsed = parser.parse_intermixed_args(arguments)
    options = [each for each in arguments if each not in parsed.overrides]
    return Arguments(options, parsed.overrides, wants_help=parsed.help)
