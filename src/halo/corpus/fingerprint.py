"""The fingerprint of a prepared corpus: a hash of everything that determines its token ids."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from halo.config import CleaningConfig, DataConfig
from halo.corpus.cleaning.personal.named_entities import pipeline_version
from halo.corpus.sources.files import SourceFile, SourceFingerprint

PREPARE_VERSION = 4
"""Raise this with every change that alters the ids of some text or the content of other files.

tests/corpus/test_fingerprint.py fails until then if the ids of its text change.
"""


def fingerprint(files: Sequence[SourceFile], sources: Sequence[SourceFingerprint], config: DataConfig) -> str:
    """Returns the fingerprint of a prepared corpus: 16 hexadecimal digits of a SHA-256 hash.

    Args:
        files: The files, in the order of reading.
        sources: The fingerprint of each file.
        config: The settings of the text.
    """
    digest = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    digest.update(json.dumps(relevant_settings(config), sort_keys=True).encode())
    for file, source in zip(files, sources, strict=True):
        digest.update(json.dumps([file.kind, file.split, source.sha256]).encode())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Returns the versions of the code, the libraries and the Unicode tables that determine the ids."""
    return {
        "prepare": str(PREPARE_VERSION),
        "unicode": unicodedata.unidata_version,
        **{name: version(name) for name in ("tokenizers", "rensa")},
    }


def relevant_settings(config: DataConfig) -> dict[str, Any]:
    """Returns the settings that determine the ids, as plain data."""
    fields = ("text_field", "title_field", "label_field")
    reading = ("documents", "document_separator", *fields, "encoding", "encoding_errors")
    of_kind = [group for group in ("genome", "series") if getattr(config, group) is not None]
    groups = ("table", "cleaning", "tokenizer", "duplicates", "splits", *of_kind)
    settings: dict[str, Any] = {group: asdict(getattr(config, group)) for group in groups}
    settings["cleaning"] = _cleaning_settings(config.cleaning)
    return {**{key: getattr(config, key) for key in reading}, **settings}


def _cleaning_settings(config: CleaningConfig) -> dict[str, Any]:
    """Returns the settings of cleaning; without patterns and an engine, those of texts prepared before there were any.

    A spaCy pipeline is what it does and not where it is: its place is left out.
    """
    settings = asdict(config)
    model = settings.pop("engine_model")
    if not config.patterns:
        del settings["patterns"]
    if model is None:
        del settings["engine"]
        return settings
    return settings | {"engine_version": pipeline_version(model)}


def flat_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns nested settings by their full names.

    >>> flat_settings({"encoding": "utf-8", "cleaning": {"case": "keep"}})
    {'encoding': 'utf-8', 'cleaning.case': 'keep'}
    """
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": each for inner, each in flat_settings(value).items()}
        else:
            flat[key] = value
    return flat
