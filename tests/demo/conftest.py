"""The small world and the inbox, running, and a client to talk to them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.demo.inbox import Inbox
from monitor.demo.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(slow_s=0) as world:
        yield world


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with Inbox() as inbox:
        yield inbox


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client
