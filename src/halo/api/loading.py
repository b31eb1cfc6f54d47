"""`halo.load`: a model from the folder of a run or from a bundle."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from halo.api.model import Model
from halo.bundle.loading import CHECKPOINT_NAMES, open_model
from halo.runtime.errors import InputError, require

if TYPE_CHECKING:
    from halo.models.language_model import LanguageModel


def load(
    path: str | os.PathLike[str], *, device: str = "auto", model_class: "type[LanguageModel] | str | None" = None
) -> Model:
    """Returns a trained model in evaluation mode.

    Nothing in the folder is executed, whoever made it. Of a run the best checkpoint is loaded; where it kept none, its
    bundle.

    Args:
        path: A run folder of `halo.fit` or `halo.train`, or a bundle: a folder with model.safetensors.
        device: `auto` for an accelerator if there is one, or a device of torch: `cpu`, `cuda`, `cuda:1`, `mps`.
        model_class: The class of a model that is not part of this package; it is called as
            `model_class(vocab_size=..., **arguments)` with the saved arguments. A string, such as
            "my_package.MyModel", is imported.

    Raises:
        InputError: The folder holds no model or is damaged, or the device cannot be used.

    For example, where `bundle_folder` holds a saved model:

    >>> load(bundle_folder, device="cpu").device
    device(type='cpu')
    """
    require(isinstance(path, str | os.PathLike), "path", repr(path), "must be the path of a run folder or a bundle")
    folder = Path(path)
    require(not folder.is_file(), "path", folder, "is a file; give the run folder or the bundle that holds it")
    if not os.path.isdir(folder):  # noqa: PTH112  Path.is_dir raises for a name that is too long
        raise InputError(f"path={folder}: no such folder; give a run folder or a bundle")
    if (folder / "model.safetensors").exists():
        return Model(open_model(run=None, bundle=str(folder), device=device, model_class=model_class))
    has_checkpoint = any((folder / "checkpoints" / name).exists() for name in CHECKPOINT_NAMES)
    if not has_checkpoint and (folder / "bundle" / "model.safetensors").exists():
        return Model(open_model(run=None, bundle=str(folder / "bundle"), device=device, model_class=model_class))
    if not (folder / "config.yaml").exists():
        raise InputError(f"path={folder}: neither a run folder nor a bundle; halo.train prints the folders of a run")
    return Model(open_model(run=str(folder), bundle=None, device=device, model_class=model_class))
