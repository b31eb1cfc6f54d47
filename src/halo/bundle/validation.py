"""The files of a saved model, which anybody may have made: each is looked at before it is read, and is data.

A file counts that is a plain one, stands in the folder itself and is no larger than such a file gets. YAML is a tree
of strings, numbers and lists, without tags, anchors and references; a checkpoint an archive of tensors as they are.
"""

import json
import os
import re
import stat
import zipfile
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf

from halo.config import SavedConfig, parse
from halo.runtime.errors import InputError, reason

BUNDLE_FORMAT = 2
"""The format number of the bundles that this version reads and writes; the first format had no number."""

MAX_CONFIG_BYTES = 2**20
MAX_METRICS_BYTES = 2**24
MAX_PICKLE_BYTES = 2**24  # of a checkpoint without its tensors
MAX_HEADER_BYTES = 2**22  # of a weights file, about thirty thousand tensors
MAX_LEVELS = 20  # libyaml takes minutes over some ten thousand
MAX_CHARACTERS = 2**14  # of one value: YAML reads 1:1:1:... as one number, in time that grows with the square

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# What torch's restricted reader lets a pickle call that takes as much memory as it is told to.
_TAKES_MEMORY = re.compile(rb"\n(?:bytearray|[A-Za-z0-9]*Tensor)\n")


def find_file(folder: Path, name: str, *, max_bytes: int | None = None) -> Path | None:
    """Returns a file of a saved model, where it is; None where there is none.

    The folder itself may stand behind a link, and so may a file whose link stays within the folder.

    Args:
        folder: The folder of the model.
        name: The file in it.
        max_bytes: Larger ones are refused; None for any size.

    Raises:
        InputError: It leads out of the folder, is no plain file but a folder, a pipe or a device, or is too large.
    """
    file = folder / name
    if not os.path.lexists(file):
        return None
    try:
        found, root = file.resolve(strict=True), folder.resolve(strict=True)
        facts = found.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise InputError(f"{file}: cannot be read ({reason(error)}); use a folder that halo.train wrote") from error
    if not found.is_relative_to(root):
        raise InputError(f"{file}: a link that leads out of the folder; copy the file itself there")
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{file}: not a plain file; use a folder that halo.train wrote")
    if max_bytes is not None and facts.st_size > max_bytes:
        limit = f"at most {max_bytes:,} are read"
        raise InputError(f"{file}: {facts.st_size:,} bytes, {limit}; use a folder that halo.train wrote")
    return file


def require_file(folder: Path, name: str, *, max_bytes: int | None = None) -> Path:
    """Returns a file that a saved model has to have, as `find_file`.

    Raises:
        InputError: It is not there, or as `find_file`.
    """
    file = find_file(folder, name, max_bytes=max_bytes)
    if file is None:
        raise InputError(f"{folder / name}: no such file; use a folder that halo.train wrote")
    return file


def read_config(folder: Path, *, is_bundle: bool) -> SavedConfig:
    """Returns `data` and `model` of config.yaml as plain data: nothing is looked up, resolved or instantiated.

    Args:
        folder: The folder of the model.
        is_bundle: Whether it is a bundle, whose config.yaml has a format number; that of a run has none.

    Raises:
        InputError: It is not the configuration of a saved model, or it has another format.
    """
    file = require_file(folder, "config.yaml", max_bytes=MAX_CONFIG_BYTES)
    try:
        text = file.read_bytes().decode()
        _require_plain_yaml(text)
        tree = yaml.load(text, Loader=_LOADER)
        written = tree.get("format", 1 if is_bundle else BUNDLE_FORMAT)
        is_number = type(written) is int and written >= 1
        if not is_number:
            raise ValueError(f"format {str(written)[:20]!r}")
    except Exception as error:  # what is no YAML fails in as many ways as there are types
        raise _no_config(file, error) from error
    if written != BUNDLE_FORMAT:
        remedy = "update halo" if written > BUNDLE_FORMAT else "train the model again"
        raise InputError(f"{file}: format {written!s:.20}; this version reads format {BUNDLE_FORMAT}; {remedy}")
    try:
        saved = {key: tree[key] for key in ("data", "model")}
        _require_plain(saved)
        created = OmegaConf.create(saved)
    except Exception as error:  # as above, of OmegaConf
        raise _no_config(file, error) from error
    try:
        return parse(created, SavedConfig)
    except InputError as error:
        raise InputError(f"{file}: {'; '.join(str(error).splitlines())}") from error


def _no_config(file: Path, error: Exception) -> InputError:
    return InputError(
        f"{file}: not the configuration of a halo run ({reason(error)}); use a folder that halo.train wrote"
    )


def _require_plain_yaml(text: str) -> None:
    """Looks at YAML piece by piece, before anything is made of it.

    Raises:
        ValueError: It is deeper, or has longer values, than any configuration; or it has tags, anchors or references.
    """
    level = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ValueError("tags, anchors and references are not read")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_CHARACTERS:
            raise ValueError(f"a value of more than {MAX_CHARACTERS:,} characters")
        level += isinstance(event, yaml.CollectionStartEvent)
        level -= isinstance(event, yaml.CollectionEndEvent)
        if level > MAX_LEVELS:
            raise ValueError(f"more than {MAX_LEVELS} levels deep")


def _require_plain(node: object) -> None:
    """Checks a tree from YAML.

    Raises:
        ValueError: Something in it is no mapping of strings, list, string, number or null, or a string holds a
            reference or what a terminal takes for a command.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {str(key)[:40]!r} is no string")
            _require_plain(key)
            _require_plain(value)
    elif isinstance(node, list):
        for value in node:
            _require_plain(value)
    elif isinstance(node, str):
        if "${" in node:
            raise ValueError("it holds a reference, ${...}; only plain values are read from a saved model")
        if _CONTROL.search(node):
            raise ValueError("a control character in a string")
    elif node is not None and not isinstance(node, bool | int | float):
        raise ValueError(f"a value of type {type(node).__name__}")


def read_metrics(folder: Path) -> dict[str, Any]:
    """Returns the figures that stand beside a model; none where there is no such file.

    Raises:
        InputError: The file holds something else.
    """
    file = find_file(folder, "metrics.json", max_bytes=MAX_METRICS_BYTES)
    if file is None:
        return {}
    try:
        metrics = json.loads(file.read_bytes())
        if not isinstance(metrics, dict):
            raise ValueError(f"a {type(metrics).__name__}")
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{file}: not the figures of a halo run ({reason(error)}); delete it, or restore it"
        ) from error
    return metrics


def require_plain_archive(file: Path) -> None:
    """Looks at a checkpoint before torch does: an archive that is no larger unpacked than it is on disk.

    Raises:
        InputError: It is not, or what describes its tensors is larger than that of any checkpoint, or asks for memory.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            (pickle,) = (entry for entry in entries if entry.filename.endswith("/data.pkl"))
            is_plain = len({*names}) == len(names) and all(each.compress_type == zipfile.ZIP_STORED for each in entries)
            is_plain = is_plain and pickle.file_size <= MAX_PICKLE_BYTES
            is_plain = is_plain and not _TAKES_MEMORY.search(archive.read(pickle))
    except Exception as error:  # zipfile has many ways to fail on what is none
        raise invalid_weights_error(file, error) from error
    if not is_plain:
        raise InputError(f"{file}: not a checkpoint as torch writes it; use a file that halo.train wrote")


def require_short_header(file: Path) -> None:
    """Looks at a weights file before its header is read.

    Raises:
        InputError: It says that its header is longer than that of any model.
    """
    try:
        with file.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
    except OSError as error:
        raise invalid_weights_error(file, error) from error
    if size > MAX_HEADER_BYTES:
        raise invalid_weights_error(file, ValueError(f"a header of {size:,} bytes"))


def invalid_weights_error(file: Path, error: Exception) -> InputError:
    """Returns what is told of weights that cannot be read into their model."""
    return InputError(f"{file}: broken, or not of this model ({reason(error)[:160]}); use a file that halo.train wrote")
