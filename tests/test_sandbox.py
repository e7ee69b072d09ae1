"""A call in the sandbox can hang, eat memory or fall over, and the next one works."""

import asyncio
import binascii
import builtins
import collections
import contextlib
import ctypes
import importlib.metadata
import itertools
import json
import logging
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import uvloop

from monitor.errors import SandboxError
from monitor.sandbox import Sandbox

SOON_S = 20.0


@pytest.fixture
async def sandbox():
    sandbox = Sandbox()
    yield sandbox
    await sandbox.close()


async def test_gives_what_the_function_gives(sandbox):
    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_takes_keyword_arguments_and_big_values(sandbox):
    assert await sandbox.run(binascii.unhexlify, "00" * 3_000_000) == bytes(3_000_000)
    assert await sandbox.run(textwrap.shorten, "one two three", width=8, placeholder="…") == "one two…"


async def test_runs_in_another_process_that_stays_warm(sandbox):
    first, second = await sandbox.run(os.getpid), await sandbox.run(os.getpid)

    assert first == second != os.getpid()


async def test_starts_no_process_before_the_first_call():
    before = children_of(os.getpid())

    sandbox = Sandbox()

    assert children_of(os.getpid()) == before
    await sandbox.close()


@pytest.mark.parametrize(
    ("function", "args"),
    [
        pytest.param(time.sleep, (1e6,), id="asleep"),
        pytest.param(collections.deque, (itertools.repeat(1), 0), id="endless loop in C"),
        pytest.param(builtins.eval, ("[0 for _ in iter(int, 1)]",), id="endless loop in Python"),
    ],
)
async def test_A58_a_call_over_its_time_is_stopped_and_the_next_one_works(sandbox, function, args):
    victim = await sandbox.run(os.getpid)

    with pytest.raises(SandboxError) as stopped:
        await sandbox.run(function, *args, timeout_s=0.3)

    assert stopped.value.reason == "time-limit"
    assert not is_running(victim)
    assert await sandbox.run(math.gcd, 12, 18) == 6


@pytest.mark.parametrize(
    ("function", "args"),
    [
        pytest.param(collections.deque, (itertools.repeat(1), 0), id="in C"),
        pytest.param(builtins.eval, ("[0 for _ in iter(int, 1)]",), id="in Python"),
    ],
)
async def test_A58_a_call_over_its_cpu_time_is_stopped_and_the_next_one_works(sandbox, function, args):
    victim = await sandbox.run(os.getpid)

    with pytest.raises(SandboxError) as stopped:
        await sandbox.run(function, *args, cpu_s=0.2, timeout_s=SOON_S)

    assert (stopped.value.reason, stopped.value.detail) == ("time-limit", "of CPU")
    assert not is_running(victim)
    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_cpu_time_is_counted_for_each_call_by_itself_and_waiting_is_none(sandbox):
    pid = await sandbox.run(os.getpid)
    for _ in range(8):
        await sandbox.run(builtins.sum, range(8_000_000), cpu_s=0.9)  # a fifth of a second each
    await sandbox.run(time.sleep, 0.5, cpu_s=0.2)

    assert await sandbox.run(os.getpid) == pid


async def test_the_memory_of_the_parent_is_not_the_workers():
    ballast = bytearray(b"x") * (220 << 20)
    async with closing(Sandbox(memory_bytes=400 << 20)) as sandbox:
        first, second = await sandbox.run(os.getpid), await sandbox.run(os.getpid)

    assert first == second
    assert len(ballast) > sandbox._memory_bytes // 2


async def test_a_worker_that_keeps_half_of_its_memory_is_replaced_by_a_small_one():
    async with closing(Sandbox(memory_bytes=400 << 20)) as sandbox:
        grown = await sandbox.run(os.getpid)
        await sandbox.run(builtins.exec, "__import__('sys').hoard = bytearray(b'x') * (220 << 20)")
        assert await sandbox.run(os.getpid) != grown


async def test_A58_a_call_over_its_memory_is_stopped_and_the_next_one_works():
    async with closing(Sandbox(memory_bytes=256 << 20)) as sandbox:
        victim = await sandbox.run(os.getpid)

        with pytest.raises(SandboxError) as stopped:
            await sandbox.run(bytearray, 300 << 20)

        assert stopped.value.reason == "memory-limit"
        assert not is_running(victim)
        assert await sandbox.run(math.gcd, 12, 18) == 6


@pytest.mark.parametrize(
    ("function", "args", "detail"),
    [
        pytest.param(os._exit, (3,), "exit 3", id="exit"),
        pytest.param(os.abort, (), "SIGABRT", id="abort"),
        pytest.param(ctypes.string_at, (0,), "SIGSEGV", id="bad pointer"),
        pytest.param(json.loads, ("{",), "JSONDecodeError: ", id="exception"),
    ],
)
async def test_a_crash_is_told_and_the_next_call_works(sandbox, function, args, detail):
    with pytest.raises(SandboxError) as crash:
        await sandbox.run(function, *args)

    assert crash.value.reason == "crash"
    assert crash.value.detail.startswith(detail)
    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_a_worker_that_died_while_idle_is_replaced_silently(sandbox):
    idle = await sandbox.run(os.getpid)
    os.kill(idle, signal.SIGKILL)
    await until(lambda: not is_running(idle))

    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_a_cancelled_call_ends_its_worker_and_frees_its_slot(sandbox):
    victim = await sandbox.run(os.getpid)
    call = asyncio.create_task(sandbox.run(time.sleep, 1e6, timeout_s=1e6))
    await until(lambda: sandbox._busy)

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert not is_running(victim)
    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_calls_wait_for_a_free_worker_in_the_order_they_came():
    finished: list[int] = []

    async def call(number: int) -> None:
        await sandbox.run(time.sleep, 0.01)
        finished.append(number)

    async with closing(Sandbox(workers=1)) as sandbox, asyncio.TaskGroup() as calls:
        for number in range(8):
            calls.create_task(call(number))
        await until(lambda: len(finished) == 8)

    assert finished == list(range(8))


async def test_two_workers_work_side_by_side_where_a_call_takes_long():
    async with closing(Sandbox(workers=2)) as sandbox:
        pids = await asyncio.gather(*(sandbox.run(builtins.eval, "(__import__('time').sleep(3.5), __import__('os').getpid())[1]") for _ in range(2)))

    assert len(set(pids)) == 2


async def test_two_workers_work_side_by_side_where_many_wait():
    async with closing(Sandbox(workers=2)) as sandbox:
        pids = await asyncio.gather(*(sandbox.run(os.getpid) for _ in range(40)))

    assert len(set(pids)) == 2


async def test_short_calls_share_a_worker():
    async with closing(Sandbox(workers=2)) as sandbox:
        await sandbox.run(os.getpid)
        pids = await asyncio.gather(*(sandbox.run(os.getpid) for _ in range(3)))

    assert len(set(pids)) == 1


async def test_a_worker_is_replaced_after_its_calls():
    async with closing(Sandbox(max_calls=2)) as sandbox:
        pids = [await sandbox.run(os.getpid) for _ in range(4)]

    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_closing_leaves_no_process_and_ends_the_call_under_way():
    sandbox = Sandbox()
    pid = await sandbox.run(os.getpid)
    call = asyncio.create_task(sandbox.run(time.sleep, 1e6, timeout_s=1e6))
    await until(lambda: sandbox._busy)

    await sandbox.close()

    with pytest.raises(SandboxError, match="crash"):
        await call
    assert not is_running(pid)
    with pytest.raises(SandboxError, match="closed"):
        await sandbox.run(math.gcd, 12, 18)


async def test_output_of_a_function_does_not_break_the_talk(sandbox):
    assert await sandbox.run(builtins.print, "\x00\x00 noise") is None
    assert await sandbox.run(math.gcd, 12, 18) == 6


async def test_what_a_library_says_of_a_page_nobody_hears(sandbox, capfd):
    await sandbox.run(logging.warning, "discarding data")
    with pytest.raises(SandboxError, match="crash"):
        await sandbox.run(logging.warning)

    assert capfd.readouterr() == ("", "")


async def test_the_worker_finds_whatever_its_parent_does(sandbox):
    assert await sandbox.run(importlib.metadata.version, "lxml") == importlib.metadata.version("lxml")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_the_worker_leaves_signals_to_its_parent(sandbox, sent):
    pid = await sandbox.run(os.getpid)

    os.kill(pid, sent)

    assert await sandbox.run(os.getpid) == pid


async def test_the_worker_sees_neither_secrets_nor_open_files(sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("MONITOR__SMTP__PASSWORD", "hunter2")
    with (tmp_path / "monitor.db").open("w") as database:
        os.set_inheritable(database.fileno(), True)
        assert await sandbox.run(os.getenv, "MONITOR__SMTP__PASSWORD") is None
        held = {await sandbox.run(os.readlink, f"/proc/self/fd/{number}") for number in await open_files(sandbox)}

    assert not any("monitor.db" in name for name in held)


async def test_A58_waiting_does_not_block_the_event_loop(sandbox):
    await sandbox.run(math.gcd, 12, 18)
    call = asyncio.create_task(sandbox.run(time.sleep, 0.5))

    beats = 0
    while not call.done():
        await asyncio.sleep(0.01)
        beats += 1

    assert beats > 10


def test_works_under_uvloop():
    async def all_ways_to_end():
        async with closing(Sandbox()) as sandbox:
            assert await sandbox.run(math.gcd, 12, 18) == 6
            with pytest.raises(SandboxError, match="time-limit"):
                await sandbox.run(time.sleep, 1e6, timeout_s=0.1)
            with pytest.raises(SandboxError, match="SIGABRT"):
                await sandbox.run(os.abort)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await sandbox.run(time.sleep, 1e6, timeout_s=1e6)
            return await sandbox.run(os.getpid)

    assert not is_running(uvloop.run(all_ways_to_end()))


def test_the_worker_dies_with_its_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    worker = int(parent.stdout.readline())

    parent.kill()
    parent.communicate()

    deadline = time.monotonic() + SOON_S
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(worker)


PARENT = """
import asyncio, builtins, os
from monitor.sandbox import Sandbox

async def main():
    sandbox = Sandbox()
    print(await sandbox.run(os.getpid), flush=True)
    await sandbox.run(builtins.eval, "[0 for _ in iter(int, 1)]", timeout_s=600)

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def closing(sandbox):
    try:
        yield sandbox
    finally:
        await sandbox.close()


async def until(condition):
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0.01)


async def open_files(sandbox):
    # The folder's own descriptor is closed again when it has been read.
    return [number for number in await sandbox.run(os.listdir, "/proc/self/fd") if await sandbox.run(os.path.lexists, f"/proc/self/fd/{number}")]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
