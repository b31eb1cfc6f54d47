"""Validation of the files of a saved model, which may come from anybody: each is checked before it is read.

A file must be a regular file inside the folder, and no larger than such files are. YAML is a tree of strings, numbers
and lists, without tags, anchors and references; a checkpoint is an uncompressed archive of tensors.
"""

import json
import os
import re
import stat
import zipfile
from pathlib import Path
from typing import Any

import yaml

from halo.config import SavedConfig, parse
from halo.runtime.errors import InputError, reason

BUNDLE_FORMAT = 5
"""The format number of the bundles that this version reads and writes; the first format had no number."""

CLASSIFIER_FILE = "classifier.json"
"""The file by which a saved classifier differs from a bundle; see `halo.classification.classifier_bundle`."""

AUDIT_FILE = "audit.json"
"""What the model remembers of its training text, as `halo.train` and `halo.audit` write it."""

MAX_CONFIG_BYTES = 2**20
MAX_METRICS_BYTES = 2**24
MAX_STATISTICS_BYTES = 2**27  # of some million words
MAX_PICKLE_BYTES = 2**24  # of a checkpoint without its tensors
MAX_HEADER_BYTES = 2**22  # of a weights file, about thirty thousand tensors
MAX_LEVELS = 20  # libyaml takes minutes over some ten thousand
MAX_CHARACTERS = 2**14  # of one value: YAML reads 1:1:1:... as one number, in time that grows with the square

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Calls that torch's restricted unpickler permits, and that allocate as much memory as the pickle asks for.
_TAKES_MEMORY = re.compile(rb"\n(?:bytearray|[A-Za-z0-9]*Tensor)\n")


def find_file(folder: Path, name: str, *, max_bytes: int | None = None) -> Path | None:
    """Returns the path of a file of a saved model; None if it does not exist.

    The folder may be a link, and so may the file if it links to a file in the folder.

    Args:
        folder: The folder of the model.
        name: The name of the file.
        max_bytes: Largest permitted size; None for any size.

    Raises:
        InputError: The file is outside the folder, is not a regular file (a folder, pipe or device), or is too large.
    """
    file = folder / name
    if not os.path.lexists(file):
        return None
    try:
        found, root = file.resolve(strict=True), folder.resolve(strict=True)
        facts = found.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that form a loop
        raise InputError(f"{file}: cannot be read ({reason(error)}); use a folder that halo.train wrote") from error
    if not found.is_relative_to(root):
        raise InputError(f"{file}: a link to a file outside the folder; copy the file into the folder")
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{file}: not a regular file; use a folder that halo.train wrote")
    if max_bytes is not None and facts.st_size > max_bytes:
        limit = f"at most {max_bytes:,} are allowed"
        raise InputError(f"{file}: {facts.st_size:,} bytes, {limit}; use a folder that halo.train wrote")
    return file


def require_file(folder: Path, name: str, *, max_bytes: int | None = None) -> Path:
    """Returns the path of a required file of a saved model.

    Args:
        folder: As in `find_file`.
        name: As in `find_file`.
        max_bytes: As in `find_file`.

    Raises:
        InputError: It does not exist, or as `find_file`.
    """
    file = find_file(folder, name, max_bytes=max_bytes)
    if file is None:
        raise InputError(f"{folder / name}: no such file; use a folder that halo.train wrote")
    return file


def require_language_model(folder: Path, *, setting: str) -> None:
    """Raises `InputError` if a folder holds a classifier, or is the run folder of one.

    Args:
        folder: The folder.
        setting: The setting that names it, for the message.
    """
    own, of_run = folder / CLASSIFIER_FILE, folder / "bundle" / CLASSIFIER_FILE
    if os.path.lexists(own) or os.path.lexists(of_run):
        raise InputError(
            f"{setting}={folder}: a classifier; halo.predict uses it, and its language model is in the folder "
            "language_model of its run"
        )


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
        tree = _read_plain_yaml(file)
        written = tree.get("format", 1 if is_bundle else BUNDLE_FORMAT)
        is_number = type(written) is int and written >= 1
        if not is_number:
            raise ValueError(f"format {str(written)[:20]!r}")
    except Exception as error:  # broken YAML raises exceptions of many types
        raise _no_config(file, error) from error
    if written != BUNDLE_FORMAT:
        advice = "update halo" if written > BUNDLE_FORMAT else "train the model again"
        raise InputError(f"{file}: format {written!s:.20}; this version reads format {BUNDLE_FORMAT}; {advice}")
    try:
        saved = {key: tree[key] for key in ("data", "model")}
        _require_plain(saved)
    except Exception as error:  # as above: any node may have any type
        raise _no_config(file, error) from error
    try:
        return parse(saved, SavedConfig)
    except InputError as error:
        raise InputError(f"{file}: {'; '.join(str(error).splitlines())}") from error


def read_settings(folder: Path) -> dict[str, Any]:
    """Returns all settings in config.yaml as plain data, whatever they are: of any version, and of models of any kind.

    Raises:
        InputError: There is no such file, or it holds no settings.
    """
    file = require_file(folder, "config.yaml", max_bytes=MAX_CONFIG_BYTES)
    try:
        tree = _read_plain_yaml(file)
        if not isinstance(tree, dict) or not {"data", "model"} <= tree.keys():
            raise ValueError("data or model is missing")
    except Exception as error:  # broken YAML raises exceptions of many types
        raise _no_config(file, error) from error
    return tree


def _read_plain_yaml(file: Path) -> Any:
    text = file.read_bytes().decode()
    _require_plain_yaml(text)
    return yaml.load(text, Loader=_LOADER)


def _no_config(file: Path, error: Exception) -> InputError:
    return InputError(
        f"{file}: not the configuration of a halo run ({reason(error)}); use a folder that halo.train wrote"
    )


def _require_plain_yaml(text: str) -> None:
    """Checks YAML event by event, before anything is constructed from it.

    Raises:
        ValueError: It is nested deeper, or has longer values, than any configuration; or it has tags, anchors or
            references.
    """
    level = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ValueError("tags, anchors and references are not allowed")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_CHARACTERS:
            raise ValueError(f"a value of more than {MAX_CHARACTERS:,} characters")
        level += isinstance(event, yaml.CollectionStartEvent)
        level -= isinstance(event, yaml.CollectionEndEvent)
        if level > MAX_LEVELS:
            raise ValueError(f"more than {MAX_LEVELS} levels deep")


def _require_plain(node: object) -> None:
    """Checks a tree from YAML.

    Raises:
        ValueError: A node is not a mapping with string keys, list, string, number or null; or a string contains an
            interpolation or a control character.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {str(key)[:40]!r} is not a string")
            _require_plain(key)
            _require_plain(value)
    elif isinstance(node, list):
        for value in node:
            _require_plain(value)
    elif isinstance(node, str):
        if "${" in node:
            raise ValueError("it holds a reference, ${...}; a saved model has only plain values")
        if _CONTROL.search(node):
            raise ValueError("a control character in a string")
    elif node is not None and not isinstance(node, bool | int | float):
        raise ValueError(f"a value of type {type(node).__name__}")


def read_metrics(folder: Path) -> dict[str, Any]:
    """Returns the content of the metrics.json beside a model; empty if there is no such file.

    Raises:
        InputError: The file contains something else.
    """
    return _read_object(folder, "metrics.json", "the metrics of a halo run")


def read_audit(folder: Path) -> dict[str, Any]:
    """Returns the content of the audit.json beside a model, or of the run whose bundle it is; empty if there is none.

    Raises:
        InputError: The file contains something else.
    """
    audit = _read_object(folder, AUDIT_FILE, "the audit of a model")
    is_of_run = not audit and folder.name == "bundle"
    return _read_object(folder.parent, AUDIT_FILE, "the audit of a model") if is_of_run else audit


def _read_object(folder: Path, name: str, meaning: str) -> dict[str, Any]:
    """Returns the object in a JSON file beside a model; empty if there is no such file.

    Raises:
        InputError: The file contains something else.
    """
    file = find_file(folder, name, max_bytes=MAX_METRICS_BYTES)
    if file is None:
        return {}
    try:
        content = json.loads(file.read_bytes())
        if not isinstance(content, dict):
            raise ValueError(f"a {type(content).__name__}")
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file}: not {meaning} ({reason(error)}); delete it, or restore it") from error
    return content


def require_plain_archive(file: Path) -> None:
    """Checks a checkpoint before torch reads it: an uncompressed archive whose pickle is small and allocates nothing.

    Raises:
        InputError: It is not.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            (pickle,) = (entry for entry in entries if entry.filename.endswith("/data.pkl"))
            is_plain = len({*names}) == len(names) and all(each.compress_type == zipfile.ZIP_STORED for each in entries)
            is_plain = is_plain and pickle.file_size <= MAX_PICKLE_BYTES
            is_plain = is_plain and not _TAKES_MEMORY.search(archive.read(pickle))
    except Exception as error:  # zipfile raises exceptions of many types
        raise invalid_weights_error(file, error) from error
    if not is_plain:
        raise InputError(f"{file}: not a checkpoint in the format of torch; use a file that halo.train wrote")


def require_short_header(file: Path) -> None:
    """Checks the length of a safetensors header before it is read.

    Raises:
        InputError: It claims to be longer than that of any model.
    """
    try:
        with file.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
    except OSError as error:
        raise invalid_weights_error(file, error) from error
    if size > MAX_HEADER_BYTES:
        raise invalid_weights_error(file, ValueError(f"a header of {size:,} bytes"))


def invalid_weights_error(file: Path, error: Exception) -> InputError:
    """Returns the error for weights that cannot be loaded into their model."""
    return InputError(f"{file}: broken, or not of this model ({reason(error)[:160]}); use a file that halo.train wrote")
