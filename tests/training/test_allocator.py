"""Freed memory is kept where the C library is glibc."""

import ctypes
import platform
import subprocess
import sys

import pytest

from halo.training import allocator

FAULTS = """
import resource, sys, torch
from halo.training.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def use():
    return torch.empty(16 * 2**20).fill_(1.0)  # 64 MiB: beyond what glibc keeps by itself
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_a_tensor_of_the_size_of_a_freed_one_touches_no_new_pages() -> None:
    faults = {
        mode: int(
            subprocess.run([sys.executable, "-c", FAULTS, mode], capture_output=True, text=True, check=True).stdout
        )
        for mode in ("keep", "plain")
    }
    assert faults["keep"] < 0.1 * faults["plain"]


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not allocator.keep_freed_memory()
