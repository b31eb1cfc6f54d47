"""The models of `halo.score`: one, or several that are compared."""

import os
from pathlib import Path

from halo.bundle.loading import Bundle, open_model
from halo.config import ScoreConfig
from halo.runtime.errors import InputError


def open_models(config: ScoreConfig) -> dict[str, Bundle]:
    """Returns the models that the settings name, by the path that the user gave.

    Args:
        config: Its `models` is a list of run folders and bundles; without it, `run` or `bundle` is the only model.

    Raises:
        InputError: A folder holds no model, is given twice, or `models` is given besides `run` or `bundle`.
    """
    if config.models is None:
        opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
        return {str(config.run or config.bundle): opened}
    if config.run is not None or config.bundle is not None:
        key, value = ("run", config.run) if config.run is not None else ("bundle", config.bundle)
        raise InputError(f"{key}={value}: cannot be combined with models; add it to the list of models")
    found: dict[Path, str] = {}
    for number, path in enumerate(config.models):
        twin = found.setdefault(Path(path).resolve(), path)
        if twin != path or path in config.models[:number]:
            raise InputError(f"models: {path} is given twice; give different models")
    models = {}
    for path in config.models:
        if not os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises for a name that is too long
            raise InputError(f"models: {path}: no such folder; give run folders or bundles, separated by commas")
        is_bundle = (Path(path) / "model.safetensors").is_file()
        run, bundle = (None, path) if is_bundle else (path, None)
        models[path] = open_model(run=run, bundle=bundle, device=config.device, model_class=config.model_class)
    return models
