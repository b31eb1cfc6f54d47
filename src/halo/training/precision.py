"""Resolves `trainer.precision=auto` for the current machine."""

import logging
import time
from typing import Any

import torch

from halo.runtime.errors import InputError

log = logging.getLogger(__name__)

MATRIX_SIZE, NUM_REPEATS = 512, 5
MIN_SPEEDUP = 1.3
"""Minimum speedup of a bfloat16 over a float32 matrix product for bfloat16 to pay: the rest of a step gains nothing."""


def precision_of(precision: Any, accelerator: Any) -> Any:
    """Returns the precision for `lightning.Trainer`: for `auto`, `bf16-mixed` if bfloat16 is faster, else `32-true`.

    On a CPU the speed of matrix products is measured; an accelerator uses bfloat16 if it supports it. bfloat16 has
    three significant digits: results are within half a percent of those in float32, and differ between machines.

    Args:
        precision: `trainer.precision`; anything but `auto` is returned as it is.
        accelerator: `trainer.accelerator`.

    Raises:
        InputError: bfloat16 is requested on a CPU that does not support it, or float16 where training fails with it.
    """
    is_cpu = accelerator == "cpu" or (accelerator == "auto" and not torch.accelerator.is_available())
    has_bfloat16 = _cpu_has_bfloat16() if is_cpu else _accelerator_has_bfloat16()
    if precision in ("16-true", "fp16-true") or (is_cpu and str(precision) in ("16", "16-mixed")):
        hint = "use 32-true or auto" if is_cpu else "use 16-mixed"
        raise InputError(f"trainer.precision={precision}: float16 is too small for the gradients here; {hint}")
    if precision != "auto":
        if str(precision).startswith("bf16") and is_cpu and not has_bfloat16:
            raise InputError(
                f"trainer.precision={precision}: this processor does not support bfloat16; use 32-true or auto"
            )
        return precision
    speedup = bfloat16_speedup() if is_cpu and has_bfloat16 else None
    pays = has_bfloat16 if speedup is None else speedup >= MIN_SPEEDUP
    chosen = "bf16-mixed" if pays else "32-true"
    support = "supported" if has_bfloat16 else "not supported"
    measured = "" if speedup is None else f", matrix products {speedup:.1f}x the speed of float32"
    log.info("Precision: %s (bfloat16 on this %s: %s%s)", chosen, "CPU" if is_cpu else "accelerator", support, measured)
    return chosen


def bfloat16_speedup() -> float:
    """Measures the speedup of a matrix product on the CPU in bfloat16 over float32."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = (torch.ones(MATRIX_SIZE, MATRIX_SIZE, dtype=dtype) for _ in range(2))
        durations = []
        for _ in range(NUM_REPEATS):
            start = time.perf_counter()
            left @ right
            durations.append(time.perf_counter() - start)
        seconds[dtype] = min(durations)
    return seconds[torch.float32] / seconds[torch.bfloat16]


def _cpu_has_bfloat16() -> bool:
    """Returns whether torch's recurrent layers support bfloat16 on this CPU; elsewhere they raise an error."""
    has_library: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return has_library and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _accelerator_has_bfloat16() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
