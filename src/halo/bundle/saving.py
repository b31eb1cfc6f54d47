"""Writing a saved model: a folder that holds all that is needed to use it, and nothing that is executed.

model.safetensors  weights
tokenizer.json     vocabulary
config.yaml        its format, how text is cleaned, and the architecture
metrics.json       what was measured
MODEL_CARD.md      what it is, what it is for and what not
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import yaml
from safetensors.torch import save_model

from halo.bundle.validation import BUNDLE_FORMAT
from halo.config import SavedConfig, plain
from halo.models.language_model import LanguageModel
from halo.tokenization.tokenizer import TextTokenizer


def save_bundle(
    folder: Path,
    *,
    model: LanguageModel,
    tokenizer: TextTokenizer,
    config: SavedConfig,
    metrics: dict[str, Any],
    model_card: str,
) -> None:
    """Writes the folder under a temporary name and renames it, so that it is whole or not there; an old one goes."""
    unfinished, old = (folder.with_name(f".{folder.name}.{os.getpid()}{end}") for end in ("", ".old"))
    unfinished.mkdir(parents=True)
    try:
        save_model(model, str(unfinished / "model.safetensors"))
        tokenizer.save(unfinished / "tokenizer.json")
        settings = {"format": BUNDLE_FORMAT, **plain(config)}
        (unfinished / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        (unfinished / "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")
        (unfinished / "MODEL_CARD.md").write_text(model_card, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
