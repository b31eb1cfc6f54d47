"""Entries of metrics.json from which cards are written, of an imaginary run."""

from typing import Any

from halo.auditing.novelty import SIZES
from halo.config import SPLITS, CardConfig
from halo.config.parsing import command_defaults


def card_settings(**given: Any) -> CardConfig:
    """Returns the settings of a card with some of them given."""
    return CardConfig(**{**command_defaults("train")["card"], **given})


def data_entry(**changes: Any) -> dict[str, Any]:
    """Returns the entry `data`."""
    labels = [
        {"label": "Dr Smith", "documents": {"train": 8, "validation": 1, "test": 0}, "tokens": 900, "share": 0.9},
        {"label": "n|ws", "documents": {"train": 1, "validation": 1, "test": 1}, "tokens": 100, "share": 0.1},
    ]
    header = ["split", "documents", "words", "characters", "tokens", "out of vocabulary"]
    return {
        "source": "data.path=/home/me/secret.txt",
        "fingerprint": "0123456789abcdef",
        "versions": {"semblance-halo": "1.2.3", "prepare": "4"},
        "num_files": 3,
        "bytes": 900,
        "files": [{"name": "/home/me/secret.txt", "split": "", "size_bytes": 700, "sha256": "ab" * 32}],
        "vocabulary": 60,
        "table": {"header": header, "rows": [[split, "1,200", "9", "50", "10", "1.00%"] for split in SPLITS]},
        "notes": [],
        "labels": {"rows": labels, "num_hidden": 0},
        "characters_read": 1_000,
        "cleaning": {"emails": 3, "case": 20},
        "duplicates": {"found": {"exact documents": 2}, "documents": 12},
        "scripts": {"Latin": 0.75, "Cyrillic": 0.25},
        **changes,
    }


def reproduction_entry(**changes: Any) -> dict[str, Any]:
    """Returns the entry `reproduction`."""
    return {
        "arguments": ["model=gru", "data.path=/home/me/secret.txt", "'samples.prompts=[Dear Anna]'"],
        "own_classes": [],
        "seed": 7,
        "weights_sha256": "cd" * 32,
        "commit": "ef" * 20,
        **changes,
    }


def audit_entry(**changes: Any) -> dict[str, Any]:
    """Returns the content of an audit.json."""
    shares = [0.1] * len(SIZES)
    span = {"tokens": 12, "occurrences": 1, "documents": 1, "document": 6, "place": 4, "text": "dear anna"}
    texts = {"texts": 8, "longest": 12, "curve": {"value": shares}, "spans": [span]}
    excess = {"excess": {"value": shares, "low": shares, "high": shares}}
    return {
        "tokens": "word",
        "novelty": {"temperature_1": {**texts, **excess}, "default": {**texts, **excess}, "held_out": texts},
        "extraction": {"skipped": "the text is too short"},
        "membership": {"skipped": "the splits are too short"},
        "personal_data": {"texts": 16, "kinds": {}},
        "verdict": {
            "question": "Would you share this model?",
            "level": "look",
            "answer": "Only after a closer look",
            "reasons": ["10% of the sequences stand in the training text."],
            "limits": ["What was not found may still be there."],
        },
        **changes,
    }


def swaps_entry(word_bits: tuple[float, float, float] = (1.0, 0.5, 1.5)) -> dict[str, Any]:
    """Returns the entry `counterfactuals`.

    Args:
        word_bits: The preference for the first form: its mean, and the ends of its interval.
    """
    figures = {"documents": 6, "word_bits": [*word_bits], "rest_bits": [0.0, -0.1, 0.1]}
    directions = [{"name": name, "sentences": 20, **figures} for name in ("he → she", "she → he")]
    preference = {"name": "he rather than she", **figures}
    swaps = [
        {"name": "he / she", "directions": directions, "preference": preference, "skipped": None},
        {"name": "first names", "directions": [], "preference": None, "skipped": "too few sentences"},
    ]
    return {"skipped": None, "splits": ["validation", "test"], "swaps": swaps}
