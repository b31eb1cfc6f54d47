"""The Lightning data module of a prepared corpus."""

from collections.abc import Callable

import lightning as L
import torch

from halo.config import DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.corpus.privacy.private_view import private_view
from halo.data.streams import StreamLoader, Window


class CorpusDataModule(L.LightningDataModule):
    """Prepares a corpus once and serves each split as windows of parallel streams.

    Args:
        config: The data settings.
        seed: Seed of random window lengths, the same on every process.
        change: Returns the corpus that is served for the prepared one, the same on every process; None to serve that.
        is_private: Whether the corpus is given without its text, see `halo.corpus.privacy.private_view`.
    """

    def __init__(
        self,
        config: DataConfig,
        *,
        seed: int,
        change: Callable[[Corpus], Corpus] | None = None,
        is_private: bool = False,
    ) -> None:
        super().__init__()
        self.config = config
        self.seed = seed
        self.is_private = is_private
        self._change = change
        self._corpus: Corpus | None = None

    @property
    def corpus(self) -> Corpus:
        """The corpus that is served.

        Raises:
            InputError: The text cannot be prepared, or not be changed.
        """
        if self._corpus is None:
            prepared = prepare(self.config)
            served = prepared if self._change is None else self._change(prepared)
            self._corpus = private_view(served) if self.is_private else served
        return self._corpus

    def prepare_data(self) -> None:
        """Prepares the corpus; Lightning calls this on one process of each machine."""
        prepare(self.config)

    def setup(self, stage: str) -> None:
        """Opens the prepared corpus; Lightning calls this on every process."""
        assert self.corpus is not None

    def train_dataloader(self) -> StreamLoader:
        """Returns the training windows."""
        seed = self.seed if self.config.variable_sequence_length else None
        return self._loader("train", self.config.batch_size, length_seed=seed)

    def val_dataloader(self) -> StreamLoader:
        """Returns the validation windows."""
        return self._loader("validation", self.config.eval_batch_size)

    def test_dataloader(self) -> StreamLoader:
        """Returns the test windows."""
        return self._loader("test", self.config.eval_batch_size)

    def transfer_batch_to_device(self, batch: Window, device: torch.device, dataloader_idx: int) -> Window:
        """Copies a window to the device; to a GPU from pinned memory, without waiting for the copy to finish."""
        pinned = device.type == "cuda"
        inputs_BT, targets_BT = (each.pin_memory() if pinned else each for each in (batch.inputs_BT, batch.targets_BT))
        return batch._replace(
            inputs_BT=inputs_BT.to(device, non_blocking=pinned), targets_BT=targets_BT.to(device, non_blocking=pinned)
        )

    def _loader(self, split: str, batch_size: int, *, length_seed: int | None = None) -> StreamLoader:
        return StreamLoader(
            self.corpus.ids[split],
            eos_id=self.corpus.tokenizer.eos_id,
            batch_size=batch_size,
            sequence_length=self.config.sequence_length,
            length_seed=length_seed,
            current_epoch=lambda: self.trainer.current_epoch if self.trainer else 0,
            rank=self.trainer.global_rank if self.trainer else 0,
            world_size=self.trainer.world_size if self.trainer else 1,
        )
