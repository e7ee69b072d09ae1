"""T5: a delivery is sent when the channel took it, never lost, and ends dead with a reason where it cannot be."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from loopback import SECRET, write_config

from monitor import notifiers, pipeline
from monitor.model import ChannelKind
from monitor.store import deliveries
from monitor.store.schema import attempt, delivery


@pytest.fixture
async def life(life, make):
    """One delivery to a webhook, due."""
    hook = make.channel(key="webhook:hook", kind=ChannelKind.WEBHOOK, address=f"{life.web.address}/hook")
    life.subscribers = {"desk": make.subscriber("desk", hook)}
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    for step in (life.poll, life.read, life.judge, life.close):
        await step()
    return life


def state(life):
    return life.rows(delivery, delivery.c.state)


def ids(life):
    return [{name.lower(): value for name, value in headers.items()}["webhook-id"] for _, headers, _ in life.web.posted]


async def test_an_accepted_delivery_is_sent_and_on_record(life):
    await life.deliver()
    await life.deliver()

    assert (state(life), len(life.web.posted)) == (["sent"], 1)
    assert life.rows(attempt, attempt.c.outcome, attempt.c.status) == [("accepted", 200)]


async def test_killed_before_it_sends_it_is_sent_later(life):
    life.claims(deliveries.claim_deliveries)
    life.restarted()

    assert state(life) == ["due"]
    await life.deliver()
    assert (state(life), len(life.web.posted)) == (["sent"], 1)


async def test_killed_between_sending_and_its_save_it_is_sent_again_with_the_same_id_and_bytes(life):
    await life.dies(life.deliver, deliveries.save_attempt, "before")
    assert state(life) == ["due"]

    await life.deliver()

    assert state(life) == ["sent"]
    assert len(life.web.posted) == 2
    assert len(set(ids(life))) == 1
    assert len({body for _, _, body in life.web.posted}) == 1


async def test_killed_after_the_save_it_is_not_sent_again(life):
    await life.dies(life.deliver, deliveries.save_attempt, "after")

    await life.deliver()

    assert (state(life), len(life.web.posted)) == (["sent"], 1)


async def test_it_is_still_due_while_the_channel_takes_it(life):
    seen = []

    async def post(*args, **kwargs):
        seen.extend(state(life))
        return await life.client.post(*args, **kwargs)

    life.doors = replace(life.doors, channels=replace(life.doors.channels, post=post))
    await life.deliver()

    assert (seen, state(life)) == (["due"], ["sent"])


async def test_a_late_answer_does_not_undo_what_a_later_try_found(life):
    (late,) = life.claims(deliveries.claim_deliveries)
    life.clock.forward(minutes=6)
    await life.deliver()
    life.web.post_answers = [410]

    await pipeline.deliver(life.doors, life.settings, late)

    assert state(life) == ["sent"]


@pytest.mark.parametrize("refused", [503, 429, 500])
async def test_a_receiver_that_never_recovers_ends_the_delivery_with_a_reason(life, refused):
    life.web.post_answers = [refused] * 20
    for _ in range(20):
        await life.deliver()
        life.clock.forward(hours=30)

    assert state(life) == ["dead"]
    assert str(refused) in life.rows(delivery, delivery.c.last_error)[0]
    assert len(life.rows(attempt)) == len(notifiers.RETRY_AFTER_S) + 1


async def test_a_secret_that_does_not_read_is_a_failed_try_with_a_reason(life):
    life.doors = replace(life.doors, channels=replace(life.doors.channels, secrets={("desk", "webhook:hook"): "whsec_!"}))

    await life.deliver()

    assert life.rows(delivery, delivery.c.state, delivery.c.tries, delivery.c.next_try_at > life.clock()) == [("due", 1, True)]
    assert "internal" in life.rows(delivery, delivery.c.last_error)[0]
    life.doors = replace(life.doors, channels=replace(life.doors.channels, secrets={("desk", "webhook:hook"): SECRET}))
    life.clock.forward(minutes=1)
    await life.deliver()
    assert state(life) == ["sent"]


async def test_a_channel_that_was_removed_gets_nothing_any_more(life, make):
    life.subscribers = {"desk": make.subscriber("desk", make.channel(key="file:", kind=ChannelKind.FILE, address=""))}

    await life.deliver()

    assert (state(life), life.web.posted) == (["dead"], [])
    assert "channel-removed" in life.rows(delivery, delivery.c.last_error)[0]


async def test_a_subscriber_who_left_gets_nothing_any_more(life):
    life.subscribers = {}
    life.watches("/a.xml")

    await life.deliver()

    assert (state(life), life.web.posted) == (["dead"], [])
    assert "subscriber-left" in life.rows(delivery, delivery.c.last_error)[0]


async def test_one_receiver_has_at_most_half_of_the_places(life):
    row = life.rows(delivery)[0]._asdict()

    def fill(connection):
        many = [row | {"id": f"m{number}", "channel": f"email:{number}", "kind": "email", "address": f"{number}@example.org"} for number in range(20)]
        connection.execute(delivery.insert(), many)

    life.database.write_now(fill)
    life.update(delivery, next_try_at=life.clock())

    def claim(limit):
        return [found.delivery.kind for found in life.database.write_now(deliveries.claim_deliveries, life.clock(), timedelta(minutes=5), limit)]

    assert sorted(claim(8)) == ["email"] * 4 + ["webhook"]
    assert claim(3) == []
    life.clock.forward(minutes=6)
    assert len(claim(3)) == 3


def test_the_daemon_ends_within_ten_seconds_while_a_mail_server_hangs(web, tmp_path, make):
    """A server that takes the connection and never says a word."""
    import socket
    from datetime import UTC, datetime

    with socket.create_server(("127.0.0.1", 0)) as silent:
        web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, datetime.now(UTC)))
        config = write_config(tmp_path, web, "/a.xml")
        text = (
            config.read_text().replace("port = 9", f"port = {silent.getsockname()[1]}").replace("channels = [", 'channels = [{ email = "desk@example.org" }, ')
        )
        config.write_text(text)
        command = [sys.executable, "-m", "monitor", "--config", str(config), "--state", str(tmp_path / "state"), "-q", "run", "--no-web"]
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            silent.settimeout(20)
            connection, _ = silent.accept()
            web.wait_for(lambda: web.posted)  # and it keeps no webhook waiting
            began = time.monotonic()
            os.kill(daemon.pid, signal.SIGTERM)
            assert daemon.wait(12) == 0
            assert time.monotonic() - began < 10
            connection.close()
        finally:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait(10)


async def test_what_was_sent_stays_sent_whatever_the_same_claim_hears_later(life):
    (claim,) = life.claims(deliveries.claim_deliveries)
    await pipeline.deliver(life.doors, life.settings, claim)
    life.web.post_answers = [410]

    await pipeline.deliver(life.doors, life.settings, claim)

    assert state(life) == ["sent"]
