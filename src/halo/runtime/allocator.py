"""How the C library hands out memory: without this, large tensors on the CPU cost more to allocate than to compute."""

import ctypes

# Parameters of mallopt(3), from glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Lets the process keep the memory of freed tensors for the next ones; returns whether the C library does so.

    glibc maps large blocks, such as the logits of a window, afresh from the system for each step and gives them back
    after it, and every page of a fresh block costs a fault on first touch. Instead, blocks are taken from the heap,
    and the heap is not trimmed. The price: the process stays as large as it once was. Elsewhere than on glibc nothing
    changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return False
    largest = 2**31 - 1
    return all([mallopt(M_MMAP_MAX, 0), mallopt(M_TRIM_THRESHOLD, largest), mallopt(M_TOP_PAD, 64 * 2**20)])
