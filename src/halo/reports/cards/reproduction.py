"""How to repeat a run: its command, and the version of the code that it ran on."""

import functools
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from halo.config.introspection.changed_settings import find_changes, repeating_arguments

LEFT_OUT = "LEFT_OUT"
"""Stands for the value of a setting that names a place or quotes the text."""

_KEY = re.compile(r"""^['"]?\+*([\w.]+)=""")
_PRIVATE = re.compile(r"(path|dir|prepared|prompts?|patterns|address|uri|project|name)$|^logger\b")
_GIT_SECONDS = 5


def reproduction_facts(settings: Mapping[str, Any], *, weights_sha256: str) -> dict[str, Any]:
    """Returns what repeats a run, as plain data for metrics.json.

    Args:
        settings: All settings of the run as plain data, as in its config.yaml.
        weights_sha256: Hash of its model.safetensors.
    """
    changes = find_changes(settings)
    return {
        "arguments": repeating_arguments(changes),
        "own_classes": [str(each.value) for each in changes if each.is_choice and "." in str(each.value)],
        "seed": settings["seed"],
        "weights_sha256": weights_sha256,
        "commit": source_commit(),
    }


def command_of(arguments: Sequence[str], *, is_public: bool) -> str:
    """Returns the command that repeats a run, for a shell.

    Args:
        arguments: The arguments as `reproduction_facts` returned them.
        is_public: Whether to leave out the values that name places or quote the text.

    >>> command_of(["model=gru", "data.path=/home/me/notes.txt"], is_public=True)
    'python -m halo.train model=gru data.path=LEFT_OUT'
    """
    shown = [_public(argument) if is_public else argument for argument in arguments]
    return " ".join(["python -m halo.train", *shown])


def public_arguments(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments of a command without the values that name places or quote the text."""
    return [_public(argument) for argument in arguments]


def _public(argument: str) -> str:
    match = _KEY.match(argument)
    is_private = match is not None and _PRIVATE.search(match[1]) and "=bundled:" not in argument
    return f"{match[1]}={LEFT_OUT}" if match is not None and is_private else argument


@functools.cache
def source_commit() -> str | None:
    """Returns the commit of the code that runs, `with changes` where files differ from it; None if it is not known.

    Only the repository that the package itself lies in counts, not one that it happens to be installed below.
    """
    root = Path(__file__).parents[4]  # above src/halo/reports/cards
    if not (root / ".git").exists() or not (root / "pyproject.toml").is_file():
        return None
    try:
        commit, changed = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--", "src", "conf")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit} with changes" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_GIT_SECONDS)
    return output.stdout.strip()
