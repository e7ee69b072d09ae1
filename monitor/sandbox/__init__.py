"""Runs a core function in a worker process that can be killed, with limits on time and memory.

lxml and feedparser stay in C for seconds on hostile input, where no signal handler and no thread can stop them
(research/extraction.md §3). The worker is a fresh interpreter and no fork: it knows nothing of the database, of
open sockets or of secrets in the environment. Parent and child speak length-prefixed pickles over the child's
stdin and stdout, where nobody else can write.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from monitor.errors import SandboxError

T = TypeVar("T")

_LENGTH = struct.Struct("!Q")
CHILD = str(Path(__file__).parent / "child.py")
# Starting the interpreter and importing the function's module is granted on top of the caller's limit.
START_S = 20.0
PATIENCE_S, BACKLOG = 2.0, 16
OUT_OF_CPU = "SIGPROF"  # what the child's timer of CPU time ends it with


class Sandbox:
    """A few warm worker processes; each runs one call at a time.

    workers: at most so many processes. The first starts at first need, another when a call waited for two seconds or many wait:
    a start costs as much as a dozen pages. memory_bytes: of address space for each.
    max_calls: after so many a worker is replaced, because parsers may grow; one that holds half of its memory after a call is at once,
    because it will hardly give it back. (Of trafilatura's growth, its issue 216, nothing is left: `bench/articles.py`.)
    """

    def __init__(self, *, workers: int = 1, memory_bytes: int = 1 << 30, max_calls: int = 2_000):
        self._memory_bytes, self._max_calls = memory_bytes, max_calls
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._slots = asyncio.Semaphore(1)  # serves waiters in the order they came
        self._more, self._waiting = workers - 1, 0
        self._is_closed = False

    async def run(self, function: Callable[..., T], /, *args: Any, cpu_s: float = 5.0, timeout_s: float = 10.0, **kwargs: Any) -> T:
        """What `function(*args, **kwargs)` gives; a module's own function, with values that pickle.

        cpu_s: CPU seconds that the call may take, on however busy a machine. timeout_s: seconds on the clock, for what waits instead of working.
        Waiting for a free worker and starting one do not count.
        raises: SandboxError with reason `time-limit`, `memory-limit` or `crash`. An exception of the function is a
        `crash`, too, with its text as detail: core functions do not raise on bad input.
        """
        await self._turn()
        try:
            request = pickle.dumps((function.__module__, function.__qualname__, args, kwargs, cpu_s))  # not before: those who wait need no second copy
            try:
                answer: T = await self._ask(self._free_worker(), function.__module__, request, timeout_s)
            except _DiedWarm:
                # It may have died while it waited, which asyncio learns late; a fresh one tells whether the call is to blame.
                answer = await self._ask(_Worker(self._memory_bytes), function.__module__, request, timeout_s)
        finally:
            self._slots.release()
        return answer

    async def _turn(self) -> None:
        """Wait for a free slot, of which there may be one more for it."""
        self._waiting += 1
        try:
            if self._more and self._waiting < BACKLOG:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE_S):
                        await self._slots.acquire()
                        return
            if self._more:
                self._more -= 1
                self._slots.release()
            await self._slots.acquire()
        finally:
            self._waiting -= 1

    async def _ask(self, worker: "_Worker", module: str, request: bytes, timeout_s: float) -> Any:
        if self._is_closed:
            raise SandboxError("crash", "the sandbox is closed")
        self._busy.add(worker)
        try:
            return await worker.ask(module, request, timeout_s)
        finally:
            self._busy.discard(worker)
            is_worn = worker.calls >= self._max_calls or worker.resident_bytes > self._memory_bytes // 2
            if worker.is_usable and not is_worn and not self._is_closed:
                self._idle.append(worker)
            else:
                await worker.kill()

    def _free_worker(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:  # else the system ended it while it waited
                return worker
        return _Worker(self._memory_bytes)

    async def close(self) -> None:
        """End all workers, also those at work; calls under way end as `crash`."""
        self._is_closed = True
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        for worker in workers:
            await worker.kill()


class _DiedWarm(SandboxError):
    """A process that had served before ended without an answer."""


class _Worker:
    """One child process and the pipes to it.

    is_usable: false while a call is under way and after one that did not come back, because then nobody knows
    what the child is in the middle of. resident_bytes: the memory that it held after its last call.
    """

    def __init__(self, memory_bytes: int):
        self.calls = self.resident_bytes = 0
        self.is_usable = False
        self._memory_bytes = memory_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._imported: set[str] = set()

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ask(self, module: str, request: bytes, timeout_s: float) -> Any:
        """The function's value. raises: SandboxError."""
        self.calls += 1
        self.is_usable = False
        try:
            if module not in self._imported:
                await self._import(module)
            async with asyncio.timeout(timeout_s):
                reason, value = await self._exchange(request)
        except TimeoutError:
            raise SandboxError("time-limit", f"{timeout_s:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            last_words = await self._last_words()
            if last_words == OUT_OF_CPU:
                raise SandboxError("time-limit", "of CPU") from None
            raise (_DiedWarm if self.calls > 1 else SandboxError)("crash", last_words) from None
        self.is_usable = reason != "memory-limit"
        if reason != "done":
            raise SandboxError(reason, value)
        return value

    async def _import(self, module: str) -> None:
        """Start the process where needed and let it import, so that this does not eat the call's time."""
        async with asyncio.timeout(START_S):
            if self._process is None:
                self._process = await _start(self._memory_bytes)
            await self._exchange(pickle.dumps((module, "", (), {}, 0.0)))
        self._imported.add(module)

    async def _exchange(self, request: bytes) -> tuple[str, Any]:
        assert self._process is not None
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(_LENGTH.pack(len(request)) + request)
        await requests.drain()
        (length,) = _LENGTH.unpack(await answers.readexactly(_LENGTH.size))
        reason, value, self.resident_bytes = pickle.loads(await answers.readexactly(length))  # noqa: S301 – from our own child
        return reason, value

    async def _last_words(self) -> str:
        """How the process ended: its signal or exit code."""
        assert self._process is not None
        # It is about to end by itself. Killing it now would ask for its state behind asyncio's back, which then
        # reports 255 for everything (CPython, Popen.send_signal polls first).
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._process.wait()
        await self.kill()
        code = self._process.returncode or 0
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    async def kill(self) -> None:
        """End the process and wait until the system has forgotten it."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Shielded: a cancelled caller must not leave a zombie behind.
        await asyncio.shield(self._process.wait())


async def _start(memory_bytes: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working folder is no place to import from
        "-S",  # nor need it be found again what can be imported: see `_environment`
        "-W",
        "ignore",
        CHILD,
        str(memory_bytes),
        str(os.getpid()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_environment(),
        start_new_session=True,  # Ctrl-C on the terminal is the parent's
    )


def _environment() -> dict[str, str]:
    """The parent's import path and locale and nothing else: secrets may stand in the rest."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")}
    ours = str(Path(__file__).parents[2])  # which an import hook may have found
    places = dict.fromkeys(str(Path(place).resolve()) for place in [*sys.path, ours] if place)
    return kept | {"PYTHONPATH": os.pathsep.join(places)}
