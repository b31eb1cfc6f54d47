"""Shows the progress of an epoch on the terminal."""

from lightning.pytorch.callbacks import RichProgressBar


class EpochProgressBar(RichProgressBar):
    """Lightning's progress bar with epochs counted from 1, as in the lines that are printed after each validation."""

    def _get_train_description(self, current_epoch: int) -> str:
        limit = self.trainer.max_epochs
        description = f"epoch {current_epoch + 1}"
        if limit is not None and limit > 0:
            description += f"/{limit}"
        return description.ljust(len(self.validation_description))
