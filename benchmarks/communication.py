"""A Lightning callback that measures the steps of a run with ddp, with and without its all-reduce."""

import time
from typing import Any

import lightning as L
import torch
import torch.distributed as dist
from torch import Tensor
from torch.futures import Future
from torch.nn.parallel import DistributedDataParallel

WARM_UP = 10
BLOCK = 5
"""Steps in a row with communication, and then without: both see the same disturbances."""


class Communication(L.Callback):
    """Times steps, in turns with and without the all-reduce of gradients, and counts the bytes of the all-reduce.

    Without it, processes do not wait for each other, and their weights differ from then on: only times are of interest.
    What a step is longer with the all-reduce is not hidden behind the backward pass; it includes waiting for the
    slowest process.

    Args:
        steps: Measured steps, half of them with communication.

    Attributes:
        with_all_reduce: Seconds of each step with communication.
        without: Seconds of each step without.
        all_reduce_seconds: Seconds from the start to the end of the all-reduce of each bucket, summed over the buckets
            of a step; on a GPU, which works asynchronously, they are not measured.
        bytes_per_step: Bytes of the gradients that a step hands to the all-reduce.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.with_all_reduce: list[float] = []
        self.without: list[float] = []
        self.all_reduce_seconds: list[float] = []
        self.bytes_per_step = 0
        self._number = 0
        self._bytes = 0
        self._seconds = 0.0
        self._began = 0.0

    @property
    def communicates(self) -> bool:
        """Whether the present step reduces its gradients."""
        return self._number < WARM_UP or (self._number - WARM_UP) // BLOCK % 2 == 0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Registers the hook, which DDP calls for each bucket of gradients."""
        if isinstance(trainer.model, DistributedDataParallel):
            trainer.model.register_comm_hook(self, _reduce)

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        """Starts the clock."""
        self._synchronize(trainer)
        self._bytes, self._seconds, self._began = 0, 0.0, time.perf_counter()

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        """Stops the clock; after the last step, ends the run."""
        self._synchronize(trainer)
        seconds = time.perf_counter() - self._began
        if self._number >= WARM_UP:
            (self.with_all_reduce if self.communicates else self.without).append(seconds)
            if self.communicates:
                self.all_reduce_seconds.append(self._seconds)
                self.bytes_per_step = self._bytes
        self._number += 1
        trainer.should_stop = self._number >= WARM_UP + self.steps

    @staticmethod
    def _synchronize(trainer: L.Trainer) -> None:
        if trainer.strategy.root_device.type != "cpu":
            torch.accelerator.synchronize()

    def reduce(self, bucket: Any) -> Future[Tensor]:
        """Returns the mean of a bucket's gradients over all processes, or the bucket itself without communication."""
        gradients = bucket.buffer()
        if not self.communicates:
            unchanged: Future[Tensor] = Future()
            unchanged.set_result(gradients)
            return unchanged
        self._bytes += gradients.nbytes
        began = time.perf_counter()
        gradients.div_(dist.get_world_size())

        def done(reduced: Any) -> Tensor:
            self._seconds += time.perf_counter() - began
            mean: Tensor = reduced.value()[0]
            return mean

        work: Any = dist.all_reduce(gradients, async_op=True)
        future: Future[Tensor] = work.get_future().then(done)
        return future


def _reduce(state: object, bucket: dist.GradBucket) -> Future[Tensor]:  # type: ignore[name-defined]
    assert isinstance(state, Communication)
    return state.reduce(bucket)
