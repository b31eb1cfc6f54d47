"""`halo.load`: a language model or a classifier, from the folder of a run or from a bundle."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

from halo.api.classifier import Classifier
from halo.api.model import Model
from halo.bundle.loading import CHECKPOINT_NAMES, Bundle, open_model
from halo.classification.classifier_bundle import is_classifier
from halo.classification.prediction.opening import open_classifier
from halo.runtime.errors import InputError, require

if TYPE_CHECKING:
    from halo.models.language_model import LanguageModel


Kind = Literal["language_model", "classifier"]


@overload
def load(
    path: str | os.PathLike[str],
    *,
    device: str = ...,
    model_class: "type[LanguageModel] | str | None" = ...,
    kind: Literal["classifier"],
) -> Classifier: ...
@overload
def load(
    path: str | os.PathLike[str],
    *,
    device: str = ...,
    model_class: "type[LanguageModel] | str | None" = ...,
    kind: Literal["language_model"],
) -> Model: ...
@overload
def load(
    path: str | os.PathLike[str],
    *,
    device: str = ...,
    model_class: "type[LanguageModel] | str | None" = ...,
    kind: None = ...,
) -> Model | Any: ...


def load(
    path: str | os.PathLike[str],
    *,
    device: str = "auto",
    model_class: "type[LanguageModel] | str | None" = None,
    kind: Kind | None = None,
) -> Model | Classifier:
    """Returns a trained language model, or a trained classifier, in evaluation mode.

    Nothing in the folder is executed, whoever made it. Of a run the best checkpoint is loaded; where it kept none, its
    bundle.

    Args:
        path: A run folder of `halo.fit`, `halo.train` or `halo.classify`, or a bundle: a folder with
            model.safetensors.
        device: `auto` for an accelerator if there is one, or a device of torch: `cpu`, `cuda`, `cuda:1`, `mps`.
        model_class: The class of a model that is not part of this package; it is called as
            `model_class(vocab_size=..., **arguments)` with the saved arguments. A string, such as
            "my_package.MyModel", is imported.
        kind: `language_model` for a `Model` and `classifier` for a `Classifier`: the other one is refused, and type
            checkers know what is returned. None for whichever it is.

    Raises:
        InputError: The folder holds no model, another kind of model, or is damaged, or the device cannot be used.

    For example, where `bundle_folder` holds a saved model:

    >>> load(bundle_folder, device="cpu").device
    device(type='cpu')
    """
    require(isinstance(path, str | os.PathLike), "path", repr(path), "must be the path of a run folder or a bundle")
    require(kind in (None, *get_args(Kind)), "kind", repr(kind), f"must be one of {', '.join(get_args(Kind))}, or None")
    folder = Path(path)
    require(not folder.is_file(), "path", folder, "is a file; give the run folder or the bundle that holds it")
    if not os.path.isdir(folder):  # noqa: PTH112  Path.is_dir raises for a name that is too long
        raise InputError(f"path={folder}: no such folder; give a run folder or a bundle")
    if is_classifier(folder):
        require(kind != "language_model", "path", folder, "is a classifier; load it with kind='classifier'")
        return Classifier(open_classifier(folder, device=device, model_class=model_class))
    require(kind != "classifier", "path", folder, "holds no classifier; give a folder that halo.classify wrote")
    return Model(_open_language_model(folder, device=device, model_class=model_class))


def _open_language_model(folder: Path, *, device: str, model_class: "type[LanguageModel] | str | None") -> Bundle:
    """Returns the model of a run folder or of a bundle."""
    if (folder / "model.safetensors").exists():
        return open_model(run=None, bundle=str(folder), device=device, model_class=model_class)
    has_checkpoint = any((folder / "checkpoints" / name).exists() for name in CHECKPOINT_NAMES)
    if not has_checkpoint and (folder / "bundle" / "model.safetensors").exists():
        return open_model(run=None, bundle=str(folder / "bundle"), device=device, model_class=model_class)
    if not (folder / "config.yaml").exists():
        raise InputError(f"path={folder}: neither a run folder nor a bundle; halo.train prints the folders of a run")
    return open_model(run=str(folder), bundle=None, device=device, model_class=model_class)
