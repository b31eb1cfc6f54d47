"""The key of a prepared corpus: a hash of everything that decides which ids come out."""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from halo.config import DataConfig
from halo.corpus.sources.files import SourceFile, SourceFingerprint

PREPARE_VERSION = 1
"""Raise this with every change that gives some text other ids; tests/corpus/test_fingerprint.py fails until then."""


def fingerprint(files: Sequence[SourceFile], sources: Sequence[SourceFingerprint], config: DataConfig) -> str:
    """Returns the key of a prepared corpus: 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    digest.update(json.dumps(settings_of(config), sort_keys=True).encode())
    for file, source in zip(files, sources, strict=True):
        digest.update(json.dumps([file.kind, file.split, source.sha256]).encode())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Returns what besides files and settings decides which ids come out."""
    return {
        "prepare": str(PREPARE_VERSION),
        "unicode": unicodedata.unidata_version,
        **{name: version(name) for name in ("tokenizers", "rensa")},
    }


def settings_of(config: DataConfig) -> dict[str, Any]:
    """Returns the settings that decide which ids come out, as plain data."""
    reading = ("documents", "text_field", "title_field", "label_field", "encoding_errors")
    parts = ("cleaning", "tokenizer", "duplicates", "splits")
    return {
        **{key: getattr(config, key) for key in reading},
        **{part: asdict(getattr(config, part)) for part in parts},
    }
