"""What glibc does with freed memory, which Python leaves to it. Elsewhere there is nothing to do."""

import ctypes
from contextlib import suppress

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h


def share_arenas() -> None:
    """One heap for all threads, and bodies outside of it: else every thread's has holes of its own, which no other thread fills."""
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, 64 * 1024)


def give_back() -> None:
    """Return to the system what lies free between pieces in use: texts that were saved leave holes there, many of which nothing fills."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
