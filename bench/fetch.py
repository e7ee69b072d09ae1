"""What an unchanged feed costs in CPU, by HTTP client: `python bench/fetch.py [--hosts 1000] [--rounds 5]`.

Each client asks feedfarm (../shared/bench, or MONITOR_SHARED) once per host, 50 at a time, on uvloop, and gets a 304.
A poller meets a host every quarter of an hour, so no connection is reused. Clients run in processes of their own, the rounds are
interleaved, and the median is printed: microseconds of the client's CPU per request, start-up and the first request left out.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from monitor.fetcher.client import Client, FetchLimits
from monitor.fetcher.guard import Guard

REPOSITORY = Path(__file__).resolve().parents[1]
FARM = Path(os.environ.get("MONITOR_SHARED", REPOSITORY.parent / "shared")) / "bench" / "feedfarm.py"
CONCURRENCY = 50
DEADLINE_S = 30

Ask = Callable[[str, str], Awaitable[int]]
"""Address and ETag → status."""


@asynccontextmanager
async def ours() -> AsyncIterator[Ask]:
    guard = Guard(allow_private=(ip_network("127.1.0.0/16"),))
    async with Client(guard=guard, user_agent="bench", limits=FetchLimits(), clock=lambda: datetime.now(UTC)) as client:

        async def ask(url: str, etag: str) -> int:
            return (await client.get(url, etag=etag)).status

        yield ask


@asynccontextmanager
async def aiohttp_guarded() -> AsyncIterator[Ask]:
    """As bare as it gets with the same promises: address checked when dialled, deadline, streamed body."""
    async with _session() as session:

        async def ask(url: str, etag: str) -> int:
            async with asyncio.timeout(DEADLINE_S), session.get(url, headers={"If-None-Match": etag}, allow_redirects=False) as answer:
                async for _ in answer.content.iter_any():
                    pass
                return answer.status

        yield ask


@asynccontextmanager
async def httpx_over_aiohttp() -> AsyncIterator[Ask]:
    import httpx
    from httpx_aiohttp import AiohttpTransport

    async with (
        _session() as session,
        httpx.AsyncClient(trust_env=False, timeout=None, transport=AiohttpTransport(client=session)) as client,
        _streamed(client) as ask,
    ):
        yield ask


@asynccontextmanager
async def httpx_own_pool() -> AsyncIterator[Ask]:
    """Without any guard."""
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=None) as client, _streamed(client) as ask:
        yield ask


CLIENTS = {client.__name__: client for client in (ours, aiohttp_guarded, httpx_over_aiohttp, httpx_own_pool)}


def _session() -> aiohttp.ClientSession:
    allowed = ip_network("127.1.0.0/16")

    def guarded_socket(target: tuple[Any, ...]) -> socket.socket:
        if ip_address(target[4][0]) not in allowed:
            raise OSError("refused")
        return socket.socket(*target[:3])

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONCURRENCY, socket_factory=guarded_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
    )


@asynccontextmanager
async def _streamed(client: Any) -> AsyncIterator[Ask]:
    async def ask(url: str, etag: str) -> int:
        async with asyncio.timeout(DEADLINE_S), client.stream("GET", url, headers={"If-None-Match": etag}) as answer:
            async for _ in answer.aiter_raw():
                pass
            return int(answer.status_code)

    yield ask


async def measure(name: str, hosts: int, port: int) -> float:
    """CPU microseconds per request."""
    numbers = iter(range(1, hosts))

    async def work(ask: Ask) -> None:
        for number in numbers:
            status = await ask(feed(number, port), f'"{number}-0"')
            if status != 304:
                raise SystemExit(f"{name}: {status} from {feed(number, port)}")

    async with CLIENTS[name]() as ask:
        await ask(feed(0, port), '"0-0"')  # code paths and caches
        begun_s = time.process_time()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CONCURRENCY):
                tasks.create_task(work(ask))
        return (time.process_time() - begun_s) / (hosts - 1) * 1e6


def feed(number: int, port: int) -> str:
    site = number + 1
    return f"http://127.1.{site >> 8}.{site & 255}:{port}/feed/{number}.xml"


def wait_until_farmed(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if process.poll() is not None:
                raise SystemExit("feedfarm did not start") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit("feedfarm does not answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=8911)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=CLIENTS, help="measure one client against a farm that runs already")
    args = parser.parse_args()
    if args.one:
        print(uvloop.run(measure(args.one, args.hosts, args.port)))
        return

    farm = subprocess.Popen([sys.executable, FARM, "--feeds", str(args.hosts), "--per-host", "1", "--port", str(args.port)], stdout=subprocess.DEVNULL)
    spent_us: dict[str, list[float]] = {name: [] for name in CLIENTS}
    try:
        wait_until_farmed(feed(0, args.port), farm)
        for _ in range(args.rounds):
            for name, runs in spent_us.items():
                command = [sys.executable, __file__, "--one", name, "--hosts", str(args.hosts), "--port", str(args.port)]
                runs.append(float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout))
    finally:
        farm.terminate()
        farm.wait()

    medians = {name: statistics.median(runs) for name, runs in spent_us.items()}
    if args.json:
        print(json.dumps({"hosts": args.hosts, "rounds": args.rounds, "cpu_us_per_304": medians}))
        return
    print(f"{'client':22}{'CPU us per 304':>16}{'of ours':>10}")
    for name, median_us in medians.items():
        print(f"{name:22}{median_us:16.0f}{median_us / medians['ours']:10.2f}")


if __name__ == "__main__":
    main()
