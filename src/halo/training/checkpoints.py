"""Makes Lightning's `ModelCheckpoint` keep what its settings promise: the best weights, and the last."""

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint


def keep_names_apart(checkpoint: ModelCheckpoint) -> None:
    """Adds the step to the file names of a callback that keeps several checkpoints.

    With a fixed name they would overwrite each other, and the file of the best weights would hold the last ones.

    >>> several = ModelCheckpoint(filename="best", monitor="val/nll", save_top_k=3)
    >>> keep_names_apart(several)
    >>> several.filename
    'best-{step}'
    """
    if checkpoint.save_top_k not in (0, 1) and checkpoint.filename and "{step" not in checkpoint.filename:
        checkpoint.filename += "-{step}"


class LastCheckpoint(L.Callback):
    """Writes the last weights when training ends, for each `ModelCheckpoint` with `save_last`.

    Lightning (2.6) writes `last.ckpt` only together with a best checkpoint, so that both hold the same weights.
    """

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes the checkpoints."""
        if trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        for checkpoint in trainer.checkpoint_callbacks:
            if isinstance(checkpoint, ModelCheckpoint) and checkpoint.save_last:
                name = checkpoint.CHECKPOINT_NAME_LAST
                file = checkpoint.last_model_path or checkpoint.format_checkpoint_name({}, name)
                checkpoint.last_model_path = file
                trainer.save_checkpoint(file, checkpoint.save_weights_only)
