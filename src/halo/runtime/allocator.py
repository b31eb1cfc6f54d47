"""The C library's allocator: by default, allocating large tensors on the CPU costs more than computing them."""

import ctypes

# Parameters of mallopt(3), from glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Makes the process reuse the memory of freed tensors, and returns whether the C library supports it.

    By default, glibc maps every large block, such as the logits of a window, afresh from the system and returns it
    after the step, and each page of a fresh block costs a page fault on first use. With these settings blocks are taken
    from the heap and the heap is never trimmed. The price: the process stays as large as it ever was. On C libraries
    other than glibc nothing changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return False
    largest = 2**31 - 1
    return all([mallopt(M_MMAP_MAX, 0), mallopt(M_TRIM_THRESHOLD, largest), mallopt(M_TOP_PAD, 64 * 2**20)])
