"""The LightningModule of a classifier.

Shape letters: B documents of a batch, C labels.
"""

import logging
from typing import Any

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, get_total_norm
from torch.optim import AdamW, Optimizer

from halo.classification.classifier import TextClassifier
from halo.classification.document_batches import DocumentBatch
from halo.classification.labelled_documents import Targets
from halo.classification.training.layer_groups import layer_groups, parameter_groups, unfreeze
from halo.classification.training.slanted_triangular import make_slanted_triangular
from halo.config import ClassifierConfig
from halo.runtime.errors import TrainingError
from halo.training.module import is_logged_step

log = logging.getLogger(__name__)

MONITOR = "val/cross_entropy"
"""The logged value by which the best epoch is chosen: validation cross-entropy, nats per document."""

BETAS = (0.7, 0.99)
"""Decay rates of Adam, as Howard and Ruder (2018, section 4.1)."""


class ClassifierModule(L.LightningModule):
    """Trains a classifier: discriminative learning rates, gradual unfreezing, slanted triangular schedule.

    Logged values: `train/cross_entropy` (nats per document, with class weights and label smoothing), `train/grad_norm`
    (before clipping), and after each epoch `val/cross_entropy` and `val/accuracy`, without either.

    Args:
        model: The network.
        settings: The settings of the classifier.
        class_weights_C: The weight of a document of each label in the training loss.
    """

    def __init__(self, model: TextClassifier, *, settings: ClassifierConfig, class_weights_C: Tensor) -> None:
        super().__init__()
        self.model = model
        self.settings = settings
        self.groups = layer_groups(model)
        self.register_buffer("class_weights_C", class_weights_C, persistent=False)
        self._train_total, self._train_count = 0.0, 0
        self._val_total, self._val_correct, self._val_count = 0.0, 0, 0

    def on_train_start(self) -> None:
        """Unfreezes the layers of the epoch: a run that is resumed within an epoch does not start it."""
        self._unfreeze()

    def on_train_epoch_start(self) -> None:
        """Unfreezes the layers of the epoch."""
        self._unfreeze()
        self._train_total, self._train_count = 0.0, 0

    def _unfreeze(self) -> None:
        number = self.current_epoch + 1 if self.settings.gradual_unfreezing else len(self.groups)
        unfreeze(self.groups, self.model, number=number)

    def training_step(self, batch: DocumentBatch, batch_idx: int) -> Tensor:
        """Returns the loss: the weighted cross-entropy of the documents divided by the size of a full batch.

        Every document counts alike, also in the smaller batches of unusually long ones.

        Raises:
            TrainingError: The loss is not finite.
        """
        logits_BC = self.model(batch.ids_BN, batch.lengths_B)
        class_weights_C = self.class_weights_C
        assert isinstance(class_weights_C, Tensor)
        losses_B = F.cross_entropy(
            logits_BC,
            batch.targets_B,
            weight=class_weights_C,
            label_smoothing=self.settings.label_smoothing,
            reduction="none",
        )
        total = losses_B.sum()
        self._train_total += total.item()
        self._train_count += len(losses_B)
        if not np.isfinite(self._train_total):
            raise TrainingError(
                f"the loss became {total.item()} at step {self.trainer.global_step} (epoch {self.current_epoch + 1}); "
                f"lower classifier.lr ({self.settings.lr:g})"
            )
        if is_logged_step(self.trainer):
            self.log("train/cross_entropy", total.detach() / len(losses_B), batch_size=1)
        return total / self.settings.batch_size

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips the gradient as configured, and logs its norm before clipping."""
        parameters = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        if self.settings.gradient_clip is None:
            norm = get_total_norm([p.grad for p in parameters if p.grad is not None])
        else:
            norm = clip_grad_norm_(parameters, self.settings.gradient_clip)
        if is_logged_step(self.trainer):
            self.log("train/grad_norm", norm, batch_size=1)

    def on_validation_epoch_start(self) -> None:
        """Resets the validation figures."""
        self._val_total, self._val_correct, self._val_count = 0.0, 0, 0

    def validation_step(self, batch: DocumentBatch, batch_idx: int) -> None:
        """Adds a batch to the validation figures."""
        logits_BC = self.model(batch.ids_BN, batch.lengths_B)
        self._val_total += F.cross_entropy(logits_BC, batch.targets_B, reduction="sum").item()
        self._val_correct += int((logits_BC.argmax(1) == batch.targets_B).sum())
        self._val_count += len(batch.targets_B)

    def on_validation_epoch_end(self) -> None:
        """Logs the validation figures, and prints a line about the epoch."""
        count = max(1, self._val_count)
        cross_entropy, accuracy = self._val_total / count, self._val_correct / count
        self.log_dict({MONITOR: cross_entropy, "val/accuracy": accuracy}, batch_size=1)
        trained = self.current_epoch + 1 if self.settings.gradual_unfreezing else len(self.groups)
        log.info(
            "epoch %d/%d: validation accuracy %.1f %%, cross-entropy %.4f; training %.4f; %d of %d layer groups",
            self.current_epoch + 1,
            self.settings.epochs,
            100 * accuracy,
            cross_entropy,
            self._train_total / max(1, self._train_count),
            min(trained, len(self.groups)),
            len(self.groups),
        )

    def carry_state(self) -> dict[str, Any]:
        """Returns what is carried from step to step and a Lightning checkpoint lacks."""
        return {"train_total": self._train_total, "train_count": self._train_count}

    def load_carry_state(self, carry_state: dict[str, Any]) -> None:
        """Restores the result of `carry_state`, before the first batch."""
        self._train_total, self._train_count = carry_state["train_total"], carry_state["train_count"]

    def configure_optimizers(self) -> Any:
        """Returns the optimizer and its schedule."""
        settings = self.settings
        groups = parameter_groups(
            self.groups, lr=settings.lr, layer_divisor=settings.layer_divisor, weight_decay=settings.weight_decay
        )
        optimizer = AdamW(groups, betas=BETAS)
        schedule = make_slanted_triangular(
            optimizer,
            total_steps=int(self.trainer.estimated_stepping_batches),
            warmup_fraction=settings.warmup_fraction,
            ratio=settings.lr_ratio,
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def class_weights(targets_N: Targets, num_labels: int, *, kind: str) -> Tensor:
    """Returns the weight of a document of each label in the training loss, float32, shape (C,).

    Args:
        targets_N: The number of the label of each training document.
        num_labels: Number of labels, C.
        kind: `none` for 1; `balanced` for N / (labels with documents x documents of the label), whose mean over the
            documents is 1 (King and Zeng 2001).

    >>> class_weights(np.array([0, 0, 0, 1]), 2, kind="balanced").tolist()
    [0.6666666865348816, 2.0]
    """
    if kind == "none":
        return torch.ones(num_labels)
    counts_C = np.bincount(targets_N, minlength=num_labels)
    present = int((counts_C > 0).sum())
    return torch.tensor(len(targets_N) / (present * np.maximum(counts_C, 1)), dtype=torch.float32)
