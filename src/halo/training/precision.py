"""What `trainer.precision=auto` stands for on a machine."""

import logging
import time
from typing import Any

import torch

from halo.runtime.errors import InputError

log = logging.getLogger(__name__)

SIZE, ROUNDS = 512, 5
LEAST_GAIN = 1.3
"""So many times as fast as float32 products of matrices have to be in bfloat16: the rest of a step does not gain."""


def precision_of(precision: Any, accelerator: Any) -> Any:
    """Returns the precision for `lightning.Trainer`: `bf16-mixed` for `auto` where bfloat16 pays, else `32-true`.

    On a CPU that is measured, on two products of matrices; on an accelerator it is whether it has bfloat16. bfloat16
    has three digits: figures are within half a percent, and those of one machine are not those of another.

    Args:
        precision: `auto`, or a precision, which is returned.
        accelerator: The Trainer's.

    Raises:
        InputError: bfloat16 is asked for on a CPU that has none.
    """
    is_cpu = accelerator == "cpu" or (accelerator == "auto" and not torch.accelerator.is_available())
    has_bfloat16 = _cpu_has_bfloat16() if is_cpu else _accelerator_has_bfloat16()
    if precision != "auto":
        if str(precision).startswith("bf16") and is_cpu and not has_bfloat16:
            raise InputError(f"trainer.precision={precision}: this processor has no bfloat16; use 32-true or auto")
        return precision
    gain = bfloat16_gain() if is_cpu and has_bfloat16 else None
    pays = has_bfloat16 if gain is None else gain >= LEAST_GAIN
    chosen = "bf16-mixed" if pays else "32-true"
    found = "has none" if not has_bfloat16 else "has it" if gain is None else f"products are {gain:.1f} times as fast"
    log.info("Precision: %s (bfloat16: %s %s)", chosen, "processor" if is_cpu else "accelerator", found)
    return chosen


def bfloat16_gain() -> float:
    """Returns how many times as fast a product of matrices is on the CPU in bfloat16 as in float32."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.ones(SIZE, SIZE, dtype=dtype), torch.ones(SIZE, SIZE, dtype=dtype)
        found = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            left @ right
            found.append(time.perf_counter() - began)
        seconds[dtype] = min(found)
    return seconds[torch.float32] / seconds[torch.bfloat16]


def _cpu_has_bfloat16() -> bool:
    """Returns whether torch's recurrent layers have it there; they raise an error where they have not."""
    has_library: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return has_library and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _accelerator_has_bfloat16() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
