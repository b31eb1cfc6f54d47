"""Opens the models and classifiers of a server."""

from collections.abc import Sequence
from pathlib import Path

import torch

from halo.api.classifier import Classifier
from halo.api.loading import load
from halo.api.model import Model
from halo.bundle.loading import open_model
from halo.classification.classifier_bundle import is_classifier
from halo.config import ServeConfig
from halo.serving.answers.served_classifier import ServedClassifier
from halo.serving.answers.served_model import ServedModel


def open_models(settings: ServeConfig) -> dict[str, ServedModel]:
    """Returns the language models that the settings name, by short ids made of the names of their folders.

    Raises:
        InputError: A folder holds no model or is damaged.
    """
    torch.set_num_threads(1)  # each word is computed in one of the server's own threads
    models: dict[str, ServedModel] = {}
    for model_id, folder in zip(model_ids(settings.folders), settings.folders, strict=True):
        if folder == settings.classifier or is_classifier(Path(folder)):
            continue
        if settings.models is not None:
            model = load(folder, device=settings.device, model_class=settings.model_class, kind="language_model")
        else:
            given = {"run": settings.run, "bundle": settings.bundle}
            model = Model(open_model(**given, device=settings.device, model_class=settings.model_class))
        models[model_id] = ServedModel(model_id, model, cache_dir=Path(settings.cache_dir))
    return models


def open_classifiers(settings: ServeConfig) -> dict[str, ServedClassifier]:
    """Returns the classifiers that the settings name, by ids as those of models.

    Raises:
        InputError: A folder holds no classifier or is damaged.
    """
    torch.set_num_threads(1)
    classifiers: dict[str, ServedClassifier] = {}
    for model_id, folder in zip(model_ids(settings.folders), settings.folders, strict=True):
        if folder == settings.classifier or is_classifier(Path(folder)):
            loaded: Classifier = load(
                folder, device=settings.device, model_class=settings.model_class, kind="classifier"
            )
            classifiers[model_id] = ServedClassifier(model_id, loaded)
    return classifiers


def model_ids(folders: Sequence[str]) -> list[str]:
    """Returns a short id for each folder of a model: its name, with that of its parent where the name says little.

    >>> model_ids(["outputs/train/2026-11-27/10-00-00", "runs/notes/bundle", "runs/notes"])
    ['2026-11-27_10-00-00', 'notes', 'notes-2']
    """
    ids: list[str] = []
    for folder in folders:
        parts = [part for part in Path(folder).resolve().parts[1:] if part] or ["model"]
        if parts[-1] == "bundle" and len(parts) > 1:
            parts.pop()
        is_time = parts[-1][:1].isdigit() and len(parts) > 1
        name = "_".join(parts[-2:]) if is_time else parts[-1]
        number = 1 + sum(each == name or each.startswith(f"{name}-") for each in ids)
        ids.append(name if number == 1 else f"{name}-{number}")
    return ids
