"""T4: a digest closes once, with its words and one delivery per channel."""

import email
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from monitor import pipeline
from monitor.model import ChannelKind
from monitor.store import deliveries
from monitor.store.schema import article, delivery, digest, digest_member


@pytest.fixture
async def life(life, make):
    """One story, judged: told at once to the desk, by file and by webhook."""
    hook = make.channel(key="webhook:hook", kind=ChannelKind.WEBHOOK, address=f"{life.web.address}/hook")
    life.subscribers = {"desk": make.subscriber("desk", make.channel(key="file:", kind=ChannelKind.FILE, address=""), hook)}
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    for step in (life.poll, life.read, life.judge):
        await step()
    return life


async def test_closing_freezes_the_members_and_one_delivery_for_each_channel(life, make):
    await life.close()

    assert life.rows(digest, digest.c.state) == ["closed"]
    assert [row[1:] for row in life.rows(digest_member)] == [(1, 1)]
    assert sorted(life.rows(delivery, delivery.c.channel)) == ["file:", "webhook:hook"]
    assert all(make.TITLE.encode() in body.replace(b"=\r\n", b"") for body in life.rows(delivery, delivery.c.body))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_the_save_there_is_one_delivery_for_each_channel(life, when):
    await life.dies(life.close, deliveries.save_digests, when)

    await life.close()

    assert sorted(life.rows(delivery, delivery.c.channel)) == ["file:", "webhook:hook"]
    assert life.rows(digest, digest.c.state) == ["closed"]


async def test_who_closes_after_the_claim_was_lost_changes_nothing(life, make):
    (late,) = life.claims(deliveries.claim_digests)
    life.clock.forward(minutes=6)
    (current,) = life.claims(deliveries.claim_digests)

    await pipeline.close_digests(life.doors, life.settings, [late])
    assert life.rows(delivery) == []
    await pipeline.close_digests(life.doors, life.settings, [current])

    assert len(life.rows(delivery)) == 2


async def test_a_digest_of_somebody_who_left_is_skipped(life):
    life.subscribers = {}

    await life.close()

    assert (life.rows(digest, digest.c.state), life.rows(delivery)) == (["skipped"], [])


async def test_a_topic_that_left_still_has_its_name_in_an_open_digest(life, make):
    life.topics = {"other": make.topic("other", "grain")}
    life.watches("/a.xml")

    await life.close()

    assert len(life.rows(delivery)) == 2


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        pytest.param("2026-03-29T00:00", "2026-03-29T01:00", id="the hour that spring leaves out"),
        pytest.param("2026-10-25T00:00", "2026-10-25T00:30", id="the hour that autumn has twice"),
    ],
)
async def test_a_digest_closes_once_on_the_day_the_clocks_change(life, make, today, wanted):
    """02:30 in Berlin: in March it does not exist and means 03:00, in October it comes twice and means the first."""
    from dataclasses import replace
    from datetime import UTC, datetime

    night = replace(make.subscriber("desk", *life.subscribers["desk"].channels, digest="02:30", alert=None), timezone="Europe/Berlin")
    life.subscribers = {"desk": night}
    life.clock.now = datetime.fromisoformat(today).replace(tzinfo=UTC)
    day = life.clock.now.date().isoformat()
    for _ in range(26):
        await pipeline.open_digests(life.doors, life.settings)
        life.clock.forward(minutes=30)
        await life.close()

    found = [row for row in life.rows(digest, digest.c.key, digest.c.closes_at) if row[0].startswith(day)]
    assert found == [(f"{day}T02:30", datetime.fromisoformat(wanted).replace(tzinfo=UTC))]


async def test_a_clock_that_goes_back_makes_no_second_digest_for_one_evening(life, make):
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, digest="17:00", alert=None)}
    await pipeline.open_digests(life.doors, life.settings)
    life.clock.forward(hours=6)
    await life.close()
    life.clock.forward(hours=-3)
    await pipeline.open_digests(life.doors, life.settings)
    life.clock.forward(hours=3)
    await life.close()

    assert [key for key in life.rows(digest, digest.c.key) if key == "2026-11-22T17:00"] == ["2026-11-22T17:00"]


async def test_closing_a_digest_stays_quick_when_the_topic_has_many_matches(life):
    """The newest match of every article of the story, not of the whole table."""
    from monitor.store.schema import article, match

    def fill(connection):
        row = dict(connection.execute(article.select()).mappings().first())
        many = [row | {"id": number, "url_key": f"k{number}"} for number in range(100, 5100)]
        connection.execute(article.insert(), many)
        found = dict(connection.execute(match.select()).mappings().first())
        connection.execute(match.insert(), [found | {"article_id": each["id"]} for each in many])

    life.database.write_now(fill)
    (claim,) = life.claims(deliveries.claim_digests)

    (found,) = life.database.read_now(deliveries.load_digests, [claim])

    assert [member.article.id for member in found.members] == [1]
    assert found.feeds == ()


async def test_an_empty_digest_is_skipped_unless_a_note_is_wanted(life, make):
    channels = life.subscribers["desk"].channels
    life.subscribers = {"desk": make.subscriber("desk", *channels, digest="17:00", alert=None)}
    await life.close()
    await pipeline.open_digests(life.doors, life.settings)
    life.clock.forward(days=0.3)

    await life.close()

    assert life.rows(digest, digest.c.kind, digest.c.state)[-1] == ("digest", "skipped")
    assert life.clock() - life.rows(digest, digest.c.closed_at)[-1] < timedelta(seconds=1)


async def test_one_claim_closes_once(life):
    (claim,) = life.claims(deliveries.claim_digests)
    await pipeline.close_digests(life.doors, life.settings, [claim])
    before = life.rows(delivery)

    await pipeline.close_digests(life.doors, life.settings, [claim])

    assert life.rows(delivery) == before


async def test_one_that_cannot_be_closed_does_not_hold_up_its_neighbour(life, make):
    """Two channels of one name break the rule of one delivery for each channel of a digest."""
    file = make.channel(key="file:", kind=ChannelKind.FILE, address="")
    life.subscribers |= {"twice": make.subscriber("twice", file, file)}
    life.web.feed("/b.xml", ("Drone strike on Kharkiv kills two, NATO condemns attack", "/2.html", make.LEAD, life.clock()))
    life.watches("/a.xml", "/b.xml")
    for step in (life.poll, life.read, life.judge):
        await step()

    with pytest.raises(IntegrityError):
        await life.close()

    assert sorted(life.rows(digest, digest.c.subscriber_id, digest.c.state)) == [("desk", "closed"), ("desk", "closed"), ("twice", "open")]
    assert life.rows(delivery, delivery.c.subscriber_id) == ["desk"] * 4


async def test_what_follows_on_a_story_is_told_as_an_update_though_both_close_at_once(life, make):
    life.web.feed("/a.xml", ("Correction: Rutte did not visit Odesa", "/1.html", make.LEAD, life.clock()))
    for step in (life.poll, life.read, life.judge):
        await step()
    claims = life.claims(deliveries.claim_digests)

    await pipeline.close_digests(life.doors, life.settings, claims)

    mails = [email.message_from_bytes(body) for body in life.rows(delivery, delivery.c.body, where=(delivery.c.kind == "file",))]
    assert len(claims) == 2
    assert sorted(str(mail["In-Reply-To"]) for mail in mails) == sorted(["None", *(mail["Message-ID"] for mail in mails if not mail["In-Reply-To"])])


async def test_A49_an_article_at_an_address_that_readers_must_not_be_led_to_shows_no_link(life):
    (claim,) = life.claims(deliveries.claim_digests)
    (address,) = life.rows(article, article.c.url)

    await pipeline.close_digests(life.doors, replace(life.settings, may_link=lambda url: url != address), [claim])

    for body in life.rows(delivery, delivery.c.body):
        assert address.encode() not in body
        assert b"<a " not in body
