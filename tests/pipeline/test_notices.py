"""Operators are told of what happens to feeds: once, by all their channels, whatever dies in between."""

import email
from dataclasses import replace

import pytest
from loopback import SECRET

from monitor import notifiers
from monitor.model import Channel, ChannelKind, EventKind
from monitor.store import deliveries, events
from monitor.store.schema import delivery, digest


def desk(life, *channels):
    found = channels or (Channel(key="file:", kind=ChannelKind.FILE, address=""),)
    life.subscribers = {"desk": replace(life.subscribers["desk"], notices=True, channels=found), "reader": replace(life.subscribers["desk"], id="reader")}


def mails(life):
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in life.sent]


async def gone_dead(life):
    """A feed that ended."""
    life.web.pages["/a.xml"] = (410, {}, b"")
    life.watches("/a.xml")
    for _ in range(2):
        await life.poll()
        life.clock.forward(hours=25)


async def test_C29_C31_the_end_of_a_feed_is_told_in_one_mail_to_those_who_look_after_feeds(life):
    desk(life)
    await gone_dead(life)

    for _ in range(3):
        await life.goes_on()

    (mail,) = mails(life)
    assert mail["Subject"] == "Feed gone: a"
    assert "monitor feeds remove a" in mail.get_body(("plain",)).get_content()
    assert life.rows(delivery, delivery.c.subscriber_id, delivery.c.state) == [("desk", "sent")]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["close", "deliver"])
async def test_killed_around_any_save_a_notice_is_told_once(life, step, when):
    desk(life)
    await gone_dead(life)
    saves = {"close": deliveries.save_digests, "deliver": deliveries.save_attempt}
    if step == "deliver":
        await life.close()

    await life.dies(getattr(life, step), saves[step], when)
    life.clock.forward(hours=1)
    await life.goes_on()

    ids = {mail["Message-ID"] for mail in mails(life)}
    assert len(ids) == 1
    assert len(life.rows(delivery)) == 1


async def test_a_notice_goes_to_every_channel_signed_like_all_messages(life):
    hook = Channel(key=f"webhook:{life.web.address}/hook", kind=ChannelKind.WEBHOOK, address=f"{life.web.address}/hook", only="alerts")
    desk(life, hook, Channel(key="file:", kind=ChannelKind.FILE, address="", only="digests"))
    life.doors = replace(life.doors, channels=notifiers.Channels(spool=life.tmp_path / "spool", post=life.client.post, secrets={("desk", hook.key): SECRET}))
    await gone_dead(life)

    await life.close()
    await life.deliver()

    (document,) = life.web.webhooks
    assert (document["type"], document["data"]["feed"]["id"]) == ("feed.gone", "a")
    ((_, headers, body),) = life.web.posted
    assert headers["webhook-signature"].startswith("v1,")
    assert len(body) < 20_000
    assert len(life.sent) == 1


async def test_a_subscriber_who_left_before_the_notice_closed_is_told_nothing(life):
    desk(life)
    await gone_dead(life)
    life.subscribers = {}

    await life.close()

    assert life.rows(digest, digest.c.state) == ["skipped"]


async def test_a_notice_tells_of_a_feed_that_was_resumed_in_the_meantime_without_its_old_troubles(life):
    desk(life)
    await gone_dead(life)
    life.database.write_now(events.resume, ["a"], life.clock())

    await life.close()
    await life.deliver()

    (mail,) = mails(life)
    assert "Failing since" not in mail.get_body(("plain",)).get_content()


async def test_a_flood_is_told_like_any_notice(life):
    desk(life)
    life.watches("/a.xml")
    life.database.write_now(events.add, "a", life.clock(), EventKind.FLOOD, "412 new entries in one poll")

    await life.close()
    await life.deliver()

    (mail,) = mails(life)
    assert mail["Subject"] == "Feed flooded: a"
    assert "412 new entries" in mail.get_body(("plain",)).get_content()
