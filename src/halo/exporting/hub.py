"""The folder that a model hub expects: a bundle whose card has metadata the hub reads. Nothing is uploaded."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import UndefinedError

from halo.auditing import card_lines
from halo.bundle.loading import Bundle
from halo.bundle.saving import save_bundle
from halo.bundle.validation import AUDIT_FILE, read_audit, read_metrics
from halo.config import CardConfig, DataConfig, SavedConfig, default_cache_dir, plain
from halo.config.commands.export import HubConfig
from halo.models.language_model import num_parameters
from halo.reports.cards.data_card import data_card
from halo.reports.cards.metadata import is_bundled
from halo.reports.cards.model_card import missing_facts, model_card, saved_card
from halo.reports.cards.public_facts import NOT_INCLUDED, public_metrics
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import InputError, reason

log = logging.getLogger(__name__)


def write_hub_folder(folder: Path, bundle: Bundle, hub: HubConfig) -> None:
    """Writes a bundle with the files and the cards of a model hub.

    Samples, paths, prompts and the labels of documents stay out of it, because they may be private; the vocabulary
    consists of words of the training text.

    Args:
        folder: The folder of the export.
        bundle: The model as it was loaded.
        hub: What the card says beside the figures.

    Raises:
        InputError: The metrics.json or the audit.json of the model is not one that this program wrote.
    """
    config = SavedConfig(
        data=_without_private(bundle.config.data), model=bundle.config.model, private=bundle.config.private
    )
    file, recorded = bundle.folder / "metrics.json", read_metrics(bundle.folder)
    memorisation = _memorisation(bundle)
    try:
        metrics = public_metrics(recorded, bundle.config.data)
        cards = _cards(bundle, metrics, hub, memorisation=memorisation)
    except InputError as error:
        raise InputError(str(error).replace("metrics.json", str(file), 1)) from error
    except (LookupError, TypeError, ValueError, AttributeError, UndefinedError) as error:
        problem = f"not the figures of a training run ({reason(error)})"
        raise InputError(f"{file}: {problem}; restore it, or train again") from error
    save_bundle(
        folder,
        model=bundle.model,
        tokenizer=bundle.tokenizer,
        word_statistics=bundle.word_statistics,
        config=config,
        metrics=metrics,
        model_card=cards["model"],
        data_card=cards["data"],
    )
    if not metrics:
        (folder / "metrics.json").unlink()
    ids = {
        "vocab_size": bundle.tokenizer.vocab_size,
        "bos_token_id": bundle.tokenizer.eos_id,
        "eos_token_id": bundle.tokenizer.eos_id,
        "unk_token_id": bundle.tokenizer.unk_id,
    }
    architecture = {"model_type": "semblance_halo", "architectures": [type(bundle.model).__name__]}
    model_settings = {**architecture, **ids, **plain(bundle.config.model)}
    (folder / "config.json").write_text(json_text(model_settings) + "\n", encoding="utf-8")
    # Without special tokens: transformers would search for them in the text itself.
    tokenizer_settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json_text(tokenizer_settings) + "\n", encoding="utf-8")


def _memorisation(bundle: Bundle) -> str:
    """Returns what the card says about the audit of the model, without copied text; empty if there was no audit.

    Raises:
        InputError: The file holds something else.
    """
    audit = read_audit(bundle.folder)
    try:
        return card_lines(audit) if audit else ""
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        problem = f"{bundle.folder}: its {AUDIT_FILE} is not the audit of a model ({reason(error)})"
        raise InputError(f"{problem}; delete the file, or run halo.audit again") from error


def _cards(bundle: Bundle, metrics: dict[str, Any], hub: HubConfig, *, memorisation: str) -> dict[str, str]:
    """Returns the two cards, and warns of what a hub asks for and the model card lacks."""
    data, card = bundle.config.data, hub_card_settings(metrics, hub)
    for key in missing_facts(card, data):
        log.warning("The card names no %s: set hub.%s before you publish the model", key, key)
    shown = model_card(
        bundle.config,
        metrics,
        vocab_size=bundle.tokenizer.vocab_size,
        num_parameters=num_parameters(bundle.model),
        card=card,
        name=hub.name,
        memorisation=memorisation,
        is_public=True,
    )
    return {"model": shown, "data": data_card(data, metrics.get("data"), card, is_public=True)}


def hub_card_settings(metrics: dict[str, Any], hub: HubConfig) -> CardConfig:
    """Returns what the user said about the model when it was trained, replaced by what they say now."""
    given = {key: getattr(hub, key) for key in ("license", "language", "dataset")}
    return replace(saved_card(metrics), **{key: value for key, value in given.items() if value is not None})


def _without_private(data: DataConfig) -> DataConfig:
    """Returns the settings of a text without paths, unless the text belongs to the package."""
    data = replace(data, cache_dir=default_cache_dir(), engine="local", ray_address=None)
    if data.prepared is not None:
        return replace(data, path=NOT_INCLUDED, train_path=None, validation_path=None, test_path=None, prepared=None)
    if is_bundled(data):
        return data
    paths: dict[str, Any] = {
        key: None if getattr(data, key) is None else NOT_INCLUDED
        for key in ("path", "train_path", "validation_path", "test_path")
    }
    return replace(data, **paths)
