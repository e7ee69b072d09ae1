"""T1: what a feed brought is saved with the next poll, once, whatever happens in between."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.fetcher.slots import Slots
from monitor.pipeline import poll_feed
from monitor.store import articles, feeds
from monitor.store.schema import article, entry, feed, poll


def news(life, *numbers, path="/a.xml", title="News {}", link="/{}.html", lead="Words of {}."):
    items = [(title.format(number), link.format(number), lead.format(number), life.clock()) for number in numbers]
    life.web.feed(path, *items, etag=f'"{len(numbers)}"')


async def test_a_poll_saves_head_entries_and_articles_due_to_read(life):
    news(life, 1, 2)
    life.watches("/a.xml")

    await life.poll()

    assert life.rows(entry, entry.c.title) == ["News 1", "News 2"]
    assert life.rows(article, article.c.step) == ["read", "read"]
    assert life.rows(feed, feed.c.etag, feed.c.next_poll_reason) == [('"2"', "fixed-interval")]
    assert life.rows(poll, poll.c.outcome) == ["changed"]


async def test_A65_a_silent_feed_leaves_its_room_for_a_body_to_others(life):
    news(life, 1, path="/b.xml")
    life.web.pages["/a.xml"] = ("hang", {}, b"")
    life.watches("/a.xml", "/b.xml")
    life.doors = replace(life.doors, bodies=asyncio.Semaphore(1), asking=Slots(2, patience_s=0.01))
    silent, well = life.claims(feeds.claim_feeds)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(poll_feed(life.doors, life.settings, silent))
        await asyncio.to_thread(life.web.wait_for, lambda: life.web.asked)
        await poll_feed(life.doors, life.settings, well)
        life.web.release.set()

    assert life.rows(poll, poll.c.feed_id, poll.c.outcome) == [("b", "changed"), ("a", "failed")]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_C57_killed_around_the_save_the_next_poll_finishes_with_every_entry_once(life, when):
    news(life, 1, 2)
    life.watches("/a.xml")

    await life.dies(life.poll, feeds.save_polls, when)
    life.clock.forward(hours=1)
    await life.poll()

    assert sorted(life.rows(entry, entry.c.title)) == ["News 1", "News 2"]
    assert len(life.rows(article)) == 2


async def test_a_poll_whose_claim_was_lost_does_not_bring_the_old_head_back(life):
    news(life, 1)
    life.watches("/a.xml")
    (late,) = life.claims(feeds.claim_feeds)
    held = []
    life.doors = replace(life.doors, save_poll=lambda found: _keep(held, found))
    await poll_feed(life.doors, life.settings, late)
    life.restarted()
    news(life, 1, 2)
    life.clock.forward(minutes=6)
    await life.poll()

    life.database.write_now(feeds.save_polls, held)

    assert life.rows(feed, feed.c.etag) == ['"2"']


async def _keep(held, found):
    held.append(found)


async def test_a_feed_removed_while_it_is_polled_stays_removed(life):
    news(life, 1)
    life.watches("/a.xml")
    (claim,) = life.claims(feeds.claim_feeds)

    life.watches()
    await poll_feed(life.doors, life.settings, claim)

    assert life.rows(feed, feed.c.state) == ["paused"]
    assert life.rows(entry, entry.c.title) == ["News 1"]


async def test_an_address_that_changes_while_it_is_polled_is_asked_without_the_old_validators(life):
    news(life, 1)
    life.watches("/a.xml")
    (claim,) = life.claims(feeds.claim_feeds)

    life.database.write_now(feeds.sync_feeds, [replace(claim.feed, url=f"{life.web.address}/moved.xml")], life.clock())
    await poll_feed(life.doors, life.settings, claim)

    assert life.rows(feed, feed.c.etag, feed.c.body_sha256) == [("", "")]


async def test_a_reload_that_changes_nothing_leaves_polls_alone(life):
    news(life, 1)
    life.watches("/a.xml")
    (claim,) = life.claims(feeds.claim_feeds)

    life.watches("/a.xml")
    await poll_feed(life.doors, life.settings, claim)

    assert life.rows(feed, feed.c.etag) == ['"1"']


async def test_a_turn_that_comes_after_the_claim_is_over_asks_nobody(life):
    news(life, 1)
    life.watches("/a.xml")
    (claim,) = life.claims(feeds.claim_feeds)

    life.clock.forward(minutes=6)
    await poll_feed(life.doors, life.settings, claim)

    assert (life.web.asked, life.rows(poll)) == ([], [])


async def test_entries_that_share_an_address_are_articles_of_their_own(life):
    news(life, 1, 2, link="/")
    items = [(f"News {number}", "/", f"Words of {number}.", life.clock()) for number in (1, 2)]
    life.web.feed("/a.xml", *items)
    page = life.web.pages["/a.xml"]
    body = page[2].replace(b"<guid>", b"<guid>first", 1)
    life.web.pages["/a.xml"] = (page[0], page[1], body)
    life.watches("/a.xml")

    await life.poll()

    assert sorted(life.rows(article, article.c.title)) == ["News 1", "News 2"]


async def test_Q05_a_new_guid_and_headline_for_a_known_address_of_the_feed_are_an_edit(life):
    news(life, 1)
    life.watches("/a.xml")
    await life.poll()
    await life.read()

    page = life.web.pages["/a.xml"]
    life.web.pages["/a.xml"] = (page[0], {"Content-Type": "application/rss+xml"}, page[2].replace(b"<guid>", b"<guid>later").replace(b"News 1", b"News 1b"))
    await life.poll()

    assert (len(life.rows(entry)), life.rows(article, article.c.step)) == (1, ["read"])
    await life.read()
    assert life.rows(article, article.c.title) == ["News 1b"]


async def test_an_entry_that_changes_with_every_poll_is_read_again_once_in_an_hour(life):
    life.watches("/a.xml")
    for number in range(10):
        news(life, 1, lead=f"Seen {number} times, says {{}}.")
        life.web.pages["/a.xml"][1].pop("ETag")
        await life.poll()
        await life.read()

    assert life.rows(article, article.c.step) == ["read"]
    life.clock.forward(hours=1)
    await life.read()
    assert life.rows(article, article.c.step) == ["judge"]


async def test_an_address_too_long_for_an_index_is_shortened_and_stays_its_own(life):
    import random

    chance = random.Random(1)
    long = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3500))
    news(life, 1, 2, link=f"/{long}{{}}.html")
    life.watches("/a.xml")

    await life.poll()

    assert len(life.rows(article)) == 2


async def test_a_poll_that_cannot_be_saved_is_a_failure_of_its_feed_with_a_reason(life):
    news(life, 1)
    life.watches("/a.xml")
    saves = []

    async def save(found):
        saves.append(found)
        if found.new:
            raise ValueError("cannot be bound")
        await life.database.write(feeds.save_polls, [found])

    life.doors = replace(life.doors, save_poll=save)
    await life.poll()

    assert life.rows(feed, feed.c.failures, feed.c.last_problem, feed.c.leased_until < life.clock()) == [(1, "internal (ValueError)", True)]


async def test_a_feed_that_failed_since_it_was_added_is_told_from_that_time_on(life):
    life.web.pages["/a.xml"] = (500, {}, b"")
    life.watches("/a.xml")
    await life.poll()
    published = life.clock() + timedelta(hours=1)
    life.clock.forward(hours=60)

    life.web.feed("/a.xml", ("News", "/1.html", "Words.", published))
    await life.poll()

    assert life.rows(article, article.c.is_backfill) == [False]


async def test_characters_that_no_database_takes_do_not_cost_the_feed(life):
    entry_text = (
        '{"id": "a\\u0000b", "url": "https://x.example/\\ud800", "title": "T\\u0000\\ud83d", "content_html": "<p>C\\u0000\\udfff</p>", "summary": "S\\u0000"}'
    )
    document = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "F\\u0000\\ud800", "language": "e\\u0000", "items": [{entry_text}]}}'
    life.web.pages["/a.xml"] = (200, {"Content-Type": "application/feed+json"}, document.encode())
    life.watches("/a.xml")

    await life.poll()
    await life.read()

    assert life.rows(poll, poll.c.outcome) == ["changed"]
    assert life.rows(article, article.c.step, article.c.text) == [("done", "C")]


async def test_a_cycle_by_hand_asks_every_feed_however_long_it_takes(life):
    news(life, 1)
    life.watches("/a.xml")
    (claim,) = life.database.write_now(feeds.claim_feeds, life.clock(), life.clock() - life.clock(), 10, even_if_not_due=True)

    life.clock.forward(hours=1)
    await poll_feed(life.doors, life.settings, claim)

    assert life.rows(poll, poll.c.outcome) == ["changed"]


async def test_a_cycle_by_hand_claims_each_feed_once(life):
    life.watches("/a.xml")
    arguments = (feeds.claim_feeds, life.clock(), timedelta(minutes=5), 10)

    first, second = (life.database.write_now(*arguments, even_if_not_due=True) for _ in range(2))

    assert (len(first), second) == (1, [])


# ------------------------------------------------------------------------- reading only what changed
def without_validators(life, change, path="/a.xml"):
    """The feed's document after `change`, without an ETag, so that it is sent whole."""
    status, _, body = life.web.pages[path]
    life.web.pages[path] = (status, {"Content-Type": "application/rss+xml"}, change(body))


async def test_a_feed_that_was_only_built_anew_is_unchanged_and_costs_no_parse(life, monkeypatch):
    news(life, 1, 2)
    life.watches("/a.xml")
    await life.poll()

    async def refuse(*_, **__):
        raise AssertionError("parsed for nothing")

    monkeypatch.setattr(life.sandbox, "run", refuse)
    without_validators(life, lambda body: body + b"<!-- built now -->")
    await life.poll()

    assert life.rows(poll, poll.c.outcome) == ["changed", "unchanged"]


async def test_one_new_entry_among_known_ones_is_saved_and_the_others_stay(life):
    news(life, 1, 2, 3)
    life.watches("/a.xml")
    await life.poll()

    news(life, 4, 1, 2, 3)
    await life.poll()

    assert sorted(life.rows(entry, entry.c.title)) == ["News 1", "News 2", "News 3", "News 4"]
    assert life.rows(poll, poll.c.new_entries) == [3, 1]


async def test_an_entry_whose_save_was_lost_is_found_by_the_next_poll(life):
    news(life, 1, 2, 3)
    life.watches("/a.xml")
    await life.poll()

    news(life, 4, 1, 2, 3)
    await life.dies(life.poll, feeds.save_polls, "before")
    life.clock.forward(hours=1)
    await life.poll()

    assert "News 4" in life.rows(entry, entry.c.title)


async def test_a_changed_address_is_read_whole(life):
    news(life, 1, 2)
    life.watches("/a.xml")
    await life.poll()

    life.web.pages["/b.xml"] = life.web.pages["/a.xml"]
    (claim,) = life.claims(lambda connection, now, lease, limit: feeds.claim_feeds(connection, now, lease, limit, even_if_not_due=True))
    life.database.write_now(feeds.sync_feeds, [replace(claim.feed, url=f"{life.web.address}/b.xml")], life.clock())

    assert life.rows(feed, feed.c.items_sha256, feed.c["items"]) == [("", b"")]


# ------------------------------------------------------------------------------------- odd dates
async def test_Q15_an_entry_without_a_date_keeps_the_time_we_first_saw_it(life):
    life.web.feed("/a.xml", ("NATO one", "/1.html", "NATO.", life.clock()))
    without_validators(life, lambda body: re.sub(b"<pubDate>.*</pubDate>", b"", body))
    life.watches("/a.xml")
    await life.poll()
    seen_at = life.rows(article, article.c.seen_at)

    life.clock.forward(days=2)
    without_validators(life, lambda body: body.replace(b"NATO one", b"NATO one, edited"))
    await life.poll()

    assert (life.rows(article, article.c.published_at), life.rows(article, article.c.seen_at)) == ([None], seen_at)


async def test_C44_Q17_a_date_in_2099_counts_as_the_time_we_saw_it_and_spoils_no_order(life):
    future = life.clock() + timedelta(days=365 * 73)
    life.web.feed("/a.xml", ("Tomorrow", "/1.html", "NATO.", future))
    life.watches("/a.xml")
    await life.poll()
    life.clock.forward(minutes=1)
    life.web.feed("/b.xml", ("Today", "/2.html", "NATO.", life.clock()))
    life.watches("/a.xml", "/b.xml")
    await life.poll()

    claims = life.claims(articles.claim_articles, "read")

    assert [claim.article.title for claim in claims] == ["Tomorrow", "Today"]
    assert life.rows(entry, entry.c.published_at)[0] == future


async def test_of_what_was_there_before_only_what_names_a_topic_is_judged(life):
    old = "Tue, 01 Apr 2025 09:00:00 GMT"
    items = "".join(
        f"<item><title>{title}</title><link>https://x.example/{number}</link><pubDate>{old}</pubDate><description>{words}</description></item>"
        for number, (title, words) in enumerate([("Grain prices", "A quiet day at the exchange."), ("Talks in Vilnius", "NATO and Ukraine meet.")])
    )
    life.web.pages["/a.xml"] = (200, {}, f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode())
    life.watches("/a.xml")

    await life.poll()

    assert sorted(life.rows(article, article.c.title, article.c.step)) == [("Grain prices", "done"), ("Talks in Vilnius", "judge")]
