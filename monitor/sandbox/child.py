"""The sandbox's process: answers its parent's questions until the pipe closes.

Run as a script, not as a module, and with nothing imported that it does not need: its start is paid for in every run of `monitor poll`
that has a page to read (asyncio alone is 50 ms).
"""

import gc
import importlib
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any, BinaryIO

_LENGTH = struct.Struct("!Q")  # as in the parent
NEW_OBJECTS = 20_000  # until circles of them that nobody holds are looked for; the interpreter's own 700 cost a tenth of a page


def _serve(memory_bytes: int, parent_pid: int) -> None:
    """Answer requests until the parent closes the pipe."""
    _die_with(parent_pid)
    # systemd sends SIGTERM and SIGHUP to the whole group; a draining parent still needs its answers.
    for deaf_to in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(deaf_to, signal.SIG_IGN)
    gc.set_threshold(NEW_OBJECTS)
    requests, answers = _private_pipes()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
        answer = _answer(requests.read(_LENGTH.unpack(head)[0]))
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _answer(request: bytes) -> bytes:
    """A pickled (reason, value, resident): ("done", value), or the reason and detail of a SandboxError; and the memory that we hold then, in bytes."""
    try:
        module, name, args, kwargs, cpu_s = pickle.loads(request)  # noqa: S301 – from our own parent
        function = _function(module, name)
        # Counts the CPU time of this call alone. Nobody handles its signal, so the system ends us, in the middle of C code too.
        signal.setitimer(signal.ITIMER_PROF, cpu_s if function else 0.0)
        sys.stderr = None  # trafilatura logs each page it gives nothing for; the result already says so
        return pickle.dumps(("done", function(*args, **kwargs) if function else None, _resident_bytes()))
    except MemoryError:
        return pickle.dumps(("memory-limit", "", _resident_bytes()))
    except Exception as error:  # noqa: BLE001 – whatever it was, the parent is to hear of it
        return pickle.dumps(("crash", f"{type(error).__name__}: {error}"[:500], _resident_bytes()))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        sys.stderr = sys.__stderr__


def _resident_bytes() -> int:
    """The memory that we hold, 0 where the system does not say; not the peak of getrusage, which Linux begins with our parent's."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 -- pathlib alone is a tenth of our start
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _function(module: str, name: str) -> Callable[..., Any] | None:
    """The named function; None for the empty name, which only imports the module."""
    is_new = module not in sys.modules
    home = importlib.import_module(module)
    if is_new:
        gc.freeze()
    return reduce(getattr, name.split("."), home) if name else None  # type: ignore[return-value]


def _die_with(parent_pid: int) -> None:
    """Be killed when the parent ends, even in an endless loop. Linux only; elsewhere the closed pipe must do."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    pr_set_pdeathsig = 1  # prctl(2)
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it ended before we asked
        sys.exit(0)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent under new numbers, so that a library that prints or reads does not break the talk."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, answers


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
