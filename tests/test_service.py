"""What the service makes of the configuration, before anything runs."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from monitor.config import load
from monitor.service import settings_from, watching
from monitor.store.schema import feed, poll

CONFIG = """version = 1
[network]
contact = "https://test.invalid"
allow_private = ["10.20.0.0/16"]
"""


@pytest.mark.parametrize(
    ("url", "may_link"),
    [
        pytest.param("https://news.example/1", True, id="public"),
        pytest.param("http://10.20.1.1/1", True, id="allowed by the operator"),
        pytest.param("http://news.example:81/1", True, id="a port that we would not ask"),
        pytest.param("http://127.0.0.1/", False, id="A49 loopback"),
        pytest.param("http://10.1.2.3/x", False, id="A49 private"),
        pytest.param("http://[::1]/", False, id="A49 IPv6 loopback"),
        pytest.param("http://2130706433/", False, id="A49 loopback as a number"),
        pytest.param("http://169.254.169.254/latest/", False, id="A49 metadata"),
    ],
)
def test_A49_messages_lead_nobody_to_private_addresses(tmp_path, url, may_link):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    assert settings_from(load(path, environ={})).may_link(url) is may_link


# -------------------------------------------------------------------------------- starts, and clocks that jump
@pytest.fixture
def config(tmp_path):
    """A hundred feeds at which nobody listens."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + "".join(f'[feeds.f{number}]\nurl = "https://f{number}.test.invalid/f"\n' for number in range(100)))
    return load(path, environ={})


async def due(watch):
    return [at - watch.clock() for at in await watch.database.read(lambda connection: connection.execute(select(feed.c.next_poll_at)).scalars().all())]


async def were_polled(watch, ago):
    """Every feed was polled so long ago, and is to be asked a quarter of an hour later."""
    at = watch.clock() - ago
    values = {"polled_at": at, "next_poll_at": at + timedelta(minutes=15)}
    await watch.database.write(lambda connection: connection.execute(update(feed).values(values)).rowcount)


async def starts(watch):
    """The daemon begins, and ends before it asks anybody."""
    watch.stop()
    await watch.run()


async def test_C21_the_daemon_begins_with_five_feeds_a_second(config, tmp_path, clock):
    async with watching(config, tmp_path / "state", clock=clock) as watch:
        await were_polled(watch, timedelta(days=2))
        await starts(watch)

        waits = await due(watch)

    assert max(sum(timedelta(seconds=second) <= wait < timedelta(seconds=second + 1) for wait in waits) for second in range(20)) == 5
    assert max(waits) < timedelta(seconds=20)


async def test_C58_a_start_after_the_clock_went_back_leaves_no_feed_waiting_for_as_long(config, tmp_path, clock):
    async with watching(config, tmp_path / "state", clock=clock) as watch:
        await were_polled(watch, timedelta(minutes=5))
        clock.forward(hours=-1)
        await starts(watch)

        waits = await due(watch)

    assert set(waits) == {timedelta(minutes=15)}


async def test_C58_a_clock_that_goes_back_while_we_run_neither_skips_nor_hammers(config, tmp_path, clock):
    async with watching(config, tmp_path / "state", clock=clock) as watch:
        await were_polled(watch, timedelta(minutes=5))
        await starts(watch)
        clock.forward(hours=-1)
        await watch.cycle()

        waits, polls = await due(watch), await watch.database.read(lambda connection: connection.execute(select(poll.c.id)).all())

    assert (set(waits), polls) == ({timedelta(minutes=15)}, [])
