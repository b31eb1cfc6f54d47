"""The metric behind every loss and perplexity that training reports."""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torchmetrics import Metric


class MeanNLL(Metric):
    """Computes the mean negative log-likelihood per token, in nats; perplexity is its exponential.

    The total and the number of tokens are summed over windows and processes before the division, so the result does not
    depend on batch size, window length or the number of devices. The total is a float64 and the count an int64, which
    are exact far beyond the 16.7 million tokens at which a float32 counter stops.

    >>> metric = MeanNLL()
    >>> metric.update(torch.tensor(6.0), torch.tensor(2))
    >>> metric.update(torch.tensor(1.0), torch.tensor(2))
    >>> metric.compute()
    tensor(1.7500, dtype=torch.float64)
    """

    higher_is_better = False
    full_state_update = False
    total_nll: Tensor
    num_tokens: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total_nll", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("num_tokens", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, total_nll: Tensor, num_tokens: Tensor) -> None:
        """Adds a window.

        Args:
            total_nll: The summed negative log-likelihood of its targets in nats, a scalar.
            num_tokens: The number of its targets that are not ignored, a scalar.
        """
        self.total_nll += total_nll.to(self.total_nll)
        self.num_tokens += num_tokens.to(self.num_tokens)

    def compute(self) -> Tensor:
        """Returns the mean in nats per token, a float64 scalar; NaN before the first update."""
        return self.total_nll / self.num_tokens

    def _apply(self, fn: Callable[[Tensor], Tensor], exclude_state: Any = "") -> "MeanNLL":
        """Moves the sums with the module but keeps their dtype; MPS has no float64, so there they stay on the CPU."""
        if fn(torch.zeros(0)).device.type == "mps":
            return self
        return cast(MeanNLL, super()._apply(lambda tensor: fn(tensor).to(tensor.dtype), exclude_state))
