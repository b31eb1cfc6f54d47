"""Freed memory is kept where the C library is glibc."""

import ctypes
import platform
import subprocess
import sys

import pytest

from halo.runtime import allocator

# Steps with logits of 34 MB, beyond what glibc keeps by itself.
FAULTS = """
import resource, sys, torch
from halo.runtime.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
output, features = torch.nn.Linear(16, 12_000), torch.rand(700, 16)
def step():
    torch.nn.functional.cross_entropy(output(features), torch.zeros(700, dtype=torch.int64)).backward()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_a_step_touches_the_pages_of_the_step_before() -> None:
    faults = {
        mode: int(
            subprocess.run([sys.executable, "-c", FAULTS, mode], capture_output=True, text=True, check=True).stdout
        )
        for mode in ("keep", "plain")
    }
    assert faults["keep"] < 0.5 * faults["plain"]  # the heap still grows now and then: a fifth was seen


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not allocator.keep_freed_memory()
