"""What a feed says twice is news once: whatever it does to guids, headlines and dates."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from html import escape

import pytest

from monitor.model import Feed
from monitor.store import feeds, retention, stories
from monitor.store.schema import alert, article, entry, feed, feed_event, story, tombstone

TITLES = {
    2: "Sniffer dogs clear fields near Izium for NATO",
    5: "Officers learn English to pass NATO exams",
    6: "Radar masts of a NATO member rise above the port",
}


def item(life, number=1, *, title=None, guid=None, link=None, days=0.0, lead=None):
    """An item as a feed would have it; days: how old."""
    address = link or f"{life.web.address}/{number}.html"
    return (
        f"<item><title>{escape(title or TITLES.get(number, f'NATO news {number}'))}</title><link>{address}</link>"
        f"<guid isPermaLink='false'>{escape(guid or f'guid-{number}')}</guid>"
        f"<pubDate>{format_datetime(life.clock() - timedelta(days=days))}</pubDate>"
        f"<description>{lead or TITLES.get(number, f'What there is to say of number {number} at some length.')}</description></item>"
    )


def shows(life, *items, path="/a.xml"):
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title><link>{life.web.address}/</link>{"".join(items)}</channel></rss>'
    life.web.pages[path] = (200, {"Content-Type": "application/rss+xml"}, text.encode())


@pytest.fixture
async def life(life):
    """A feed whose one entry was told."""
    shows(life, item(life))
    life.watches("/a.xml")
    await life.goes_on()
    return life


def told(life):
    return [row for row in life.rows(alert, alert.c.action, alert.c.reason) if row[0] != "silent"]


def entries(life):
    return life.rows(entry, entry.c.key, entry.c.version)


ONCE = [("now", "new-story")]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"guid": "another guid"}, id="Q06 C40 the guid rotates"),
        pytest.param({"guid": "another guid", "days": -0.01}, id="Q06 Q24 the guid rotates and the date is bumped"),
        pytest.param({"days": -0.1}, id="Q24 the date is bumped"),
        pytest.param({"days": -5.0}, id="A53 an old entry is dated anew"),
    ],
)
async def test_Q06_Q24_C40_A53_the_same_entry_again_is_no_news(life, again):
    for _ in range(2):
        shows(life, item(life, **again))
        await life.goes_on()

    assert (len(entries(life)), len(life.rows(article)), told(life)) == (1, 1, ONCE)
    assert life.doors.tally.entries == {"new": 1, "edited": 0}


async def test_Q06_a_guid_that_changes_with_every_poll_makes_no_rows(life):
    for number in range(5):
        shows(life, item(life, guid=f"session-{number}"))
        await life.goes_on()

    assert entries(life) == [("session-4", 1)]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"title": "NATO news 1, updated"}, id="Q07 C39 the title is edited"),
        pytest.param({"title": "NATO news 1, updated", "guid": "nato-news-1-updated"}, id="Q05 the guid contains the headline"),
        pytest.param({"title": "NATO news 1, updated", "days": -0.1}, id="Q24 the date is bumped on edit"),
    ],
)
async def test_C39_Q05_Q07_Q24_an_edit_is_a_version_and_no_new_alert(life, again):
    shows(life, item(life, **again))
    await life.goes_on()

    ((_, version),) = entries(life)
    assert (version, life.rows(article, article.c.title, article.c.version)) == (2, [("NATO news 1, updated", 2)])
    assert told(life) == ONCE
    assert life.doors.tally.entries == {"new": 1, "edited": 1}


async def test_C39_a_headline_that_says_something_else_is_told_as_an_update_and_once(life):
    for _ in range(2):
        shows(life, item(life, title="NATO says that nothing of it was true"))
        await life.goes_on()
        life.database.write_now(stories.requeue_matching, life.clock(), timedelta(days=3))
    await life.goes_on()

    assert told(life) == [*ONCE, ("now", "headline-changed")]
    assert len(entries(life)) == 1
    first, second = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(life.sent, key=lambda path: path.stat().st_mtime_ns))
    assert (first["Subject"], second["Subject"]) == ("NATO news 1", "Update: NATO says that nothing of it was true")
    assert second["In-Reply-To"] == first["Message-ID"]
    assert "It was told as: NATO news 1" in second.get_body(("plain",)).get_content()


async def test_C39_a_headline_that_changes_before_the_digest_closes_is_one_line_in_it(life, make):
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, digest="18:00", alert=None)}
    shows(life, item(life, 2, lead="What was said of it."), item(life))
    await life.goes_on()
    shows(life, item(life, 2, title="NATO clears nothing at all, it says", lead="What was said of it."), item(life))
    await life.goes_on()
    life.clock.forward(hours=7)
    await life.close()
    await life.deliver()

    mail = message_from_bytes(max(life.sent, key=lambda path: path.stat().st_mtime_ns).read_bytes(), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    assert told(life)[1:] == [("digest", "new-story"), ("digest", "headline-changed")]
    assert (text.count("NATO clears nothing at all, it says"), "It was told as" in text, TITLES[2] in text) == (1, False, False)


async def test_C39_an_edit_that_newly_matches_is_told(life):
    shows(life, item(life), item(life, 3, title="Grain prices fall", lead="Wheat is cheaper than it was."))
    await life.goes_on()
    shows(life, item(life), item(life, 3, title="Grain prices fall as NATO guards the ports", lead="Wheat is cheaper than it was."))
    await life.goes_on()

    assert told(life) == [*ONCE, ("now", "new-story")]


async def test_Q04_a_guid_that_moves_to_https_is_the_same_entry(life):
    shows(life, item(life, 2, guid="http://outlet.example/?p=2", link="http://outlet.example/2"))
    await life.goes_on()
    shows(life, item(life, 2, guid="https://outlet.example/?p=2", link="https://outlet.example/2"))
    await life.goes_on()

    assert [key for key, _ in entries(life)] == ["guid-1", "https://outlet.example/?p=2"]
    assert len(told(life)) == 2


async def test_Q04_a_guid_that_moves_to_https_is_known_without_a_link(life):
    shows(life, item(life, 2, guid="http://outlet.example/?p=2", link=" "))
    await life.goes_on()
    shows(life, item(life, 2, guid="https://outlet.example/?p=2", link=" "))
    await life.goes_on()

    assert [key for key, _ in entries(life)] == ["guid-1", "https://outlet.example/?p=2"]


async def test_Q03_guids_that_are_shared_for_a_while_lose_and_double_nothing(life):
    shows(life, item(life, 1, guid="same"), item(life, 2, guid="same"))
    await life.goes_on()
    shows(life, item(life, 2, guid="same"))
    await life.goes_on()
    shows(life, item(life, 2, guid="same"), item(life, 1, guid="own"))
    await life.goes_on()

    assert (len(entries(life)), len(life.rows(article)), len(told(life))) == (2, 2, 2)


async def test_Q08_an_entry_that_left_and_comes_back_is_no_news(life):
    shows(life, item(life, 2))
    await life.goes_on()
    life.clock.forward(days=40)
    shows(life, item(life, 1), item(life, 2))
    await life.goes_on()

    assert (len(entries(life)), len(told(life))) == (2, 2)


async def test_two_entries_of_one_page_that_say_different_things_are_two(life):
    """Live blogs: each post has the page's address. Only words that are the same make it the same entry."""
    shows(life, item(life), item(life, guid="guid-1b", title="Another thing that NATO said"), item(life, guid="guid-1c"))
    await life.goes_on()

    assert [key for key, _ in entries(life)] == ["guid-1", "guid-1b"]


async def test_one_message_at_a_time_on_the_front_page_is_news_each_time(life):
    for number in (5, 6):
        shows(life, item(life, number, link=f"{life.web.address}/"))
        await life.goes_on()

    assert len(life.rows(article)) == 3


async def test_C43_old_entries_of_a_new_feed_are_stored_and_matched_and_nobody_is_told(life):
    shows(life, *(item(life, number, days=3) for number in range(100, 300)), path="/b.xml")
    life.watches("/a.xml", "/b.xml")
    asked = len(life.web.asked)
    await life.goes_on()

    assert life.rows(article, article.c.is_backfill, where=[article.c.feed_id == "b"]) == [True] * 200
    assert told(life) == ONCE
    assert sorted(path for path, _ in life.web.asked[asked:]) == ["/a.xml", "/b.xml"]  # nor is the site asked for two hundred pages


async def test_news_of_one_feed_is_told_though_it_was_in_anothers_cellar(life):
    shows(life, item(life, 2, days=3), path="/b.xml")
    life.watches("/a.xml", "/b.xml")
    await life.goes_on()
    shows(life, item(life, 2), item(life))
    await life.goes_on()

    assert len(told(life)) == 2


# ------------------------------------------------------------------------------------------ retention
def forgets(life):
    """Retention takes everything that ended."""
    late = life.clock() + timedelta(seconds=1)
    life.database.write_now(retention.forget_deliveries, late)
    return life.database.write_now(retention.forget_articles, late, life.clock())


@pytest.mark.parametrize("guid", ["guid-1", "a rotated guid"])
async def test_C60_an_entry_that_retention_took_does_not_come_back(life, guid):
    assert forgets(life) == 1
    shows(life, item(life, guid=guid, lead="Other words of the same entry.", days=0.1), item(life, 2))
    await life.goes_on()

    assert [key for key, _ in entries(life)] == ["guid-2"]
    assert life.rows(tombstone, tombstone.c.key) == ["guid-1"]


# ------------------------------------------------------------------------------------------ the flood
@pytest.fixture
async def flooded(life):
    life.flood = 200
    shows(life, item(life), *(item(life, number) for number in range(100, 301)), item(life, 400, days=30))
    await life.goes_on()
    return life


def steps(life):
    found = life.rows(article, article.c.step)
    return {step: found.count(step) for step in sorted(set(found))}


async def test_A52_a_flood_is_held_and_the_operator_is_told_once(flooded):
    shows(flooded, item(flooded), *(item(flooded, number) for number in range(100, 301)))
    await flooded.goes_on()

    assert (steps(flooded), told(flooded)) == ({"done": 2, "held": 201}, ONCE)
    assert flooded.rows(feed_event, feed_event.c.feed_id, feed_event.c.kind, feed_event.c.detail, feed_event.c.is_notice) == [
        ("a", "flood", "201 new entries in one poll", True)
    ]
    assert flooded.database.read_now(feeds.held_counts) == {"a": 201}


async def test_A52_what_is_released_is_read_judged_and_told(flooded):
    flooded.clock.forward(hours=1)
    assert flooded.database.write_now(feeds.release, "a", flooded.clock()) == 201
    await flooded.goes_on()

    assert len([row for row in flooded.rows(alert) if row.article_id > 1]) >= 100
    assert flooded.database.read_now(feeds.held_counts) == {}
    assert flooded.rows(feed_event, feed_event.c.kind) == ["flood", "released"]


async def test_A52_what_is_discarded_does_not_come_back(flooded):
    assert flooded.database.write_now(feeds.discard, "a", flooded.clock()) == 201
    shows(flooded, *(item(flooded, number) for number in range(100, 301)), item(flooded, 500))
    await flooded.goes_on()

    assert [key for key, _ in entries(flooded)] == ["guid-1", "guid-400", "guid-500"]
    assert flooded.rows(feed_event, feed_event.c.kind) == ["flood", "discarded"]


async def test_A52_an_edit_of_what_is_held_does_not_free_it(flooded):
    shows(flooded, item(flooded, 100, title="NATO news, edited"))
    await flooded.goes_on()

    assert steps(flooded)["held"] == 201


async def test_A52_what_another_feed_has_as_news_is_held_no_longer(flooded):
    shows(flooded, item(flooded, 7), path="/b.xml")
    flooded.watches("/a.xml", "/b.xml")
    await flooded.goes_on()
    shows(flooded, item(flooded, 7), item(flooded, 100), path="/b.xml")
    await flooded.goes_on()

    assert steps(flooded)["held"] == 200


@pytest.mark.parametrize("when", ["before", "after"])
async def test_A52_killed_around_the_save_the_flood_is_held_once(life, when):
    life.flood = 3
    shows(life, *(item(life, number) for number in range(100, 110)))
    await life.dies(life.poll, feeds.save_polls, when)
    await life.goes_on()

    assert steps(life) == {"done": 1, "held": 10}
    assert life.rows(feed_event, feed_event.c.kind) == ["flood"]


async def test_A52_a_first_poll_and_a_feed_without_a_limit_are_no_flood(life):
    life.flood = 3
    shows(life, *(item(life, number, title=f"Grain {number}") for number in range(100, 110)), path="/b.xml")
    life.watches("/a.xml", "/b.xml")
    await life.goes_on()
    life.flood = 0
    shows(life, *(item(life, number, title=f"Grain {number}") for number in range(200, 210)))
    await life.goes_on()

    assert steps(life) == {"done": 21}
    assert life.rows(feed, feed.c.failures) == [0, 0]


# -------------------------------------------------------------------------------------- everybody has it
async def test_A54_Q46_a_story_in_sixty_feeds_within_five_minutes_is_one_alert_of_sixty_sources(life, make):
    spool = life.subscribers["desk"].channels
    life.subscribers = {"desk": make.subscriber("desk", *spool), "evening": make.subscriber("evening", *spool, digest="18:00", alert=None)}
    life.watches()
    papers = [Feed(id=f"paper-{number}", url=f"{life.web.address}/paper-{number}.xml", outlet=f"paper-{number}.example") for number in range(60)]
    for paper in papers:
        shows(life, path=f"/{paper.id}.xml")
    life.database.write_now(feeds.sync_feeds, papers, life.clock())
    before = len(life.sent)

    for minute in range(5):
        for number in range(minute, 60, 5):
            same = item(life, guid=make.TITLE, title=make.TITLE, lead=make.LEAD, link=f"{life.web.address}/{number}/story.html?utm_source=rss")
            shows(life, same, path=f"/paper-{number}.xml")
        await life.goes_on()
        life.clock.forward(minutes=1)

    at_once = [row for row in life.rows(alert, alert.c.subscriber_id, alert.c.action, alert.c.story_id) if row[:2] == ("desk", "now")][len(ONCE) :]
    assert (len(at_once), len(life.sent) - before) == (1, 1)
    assert life.rows(story, story.c.source_count, where=[story.c.id == at_once[0][2]]) == [60]
    life.clock.forward(hours=7)
    await life.close()
    await life.deliver()
    mail = message_from_bytes(max(life.sent, key=lambda path: path.stat().st_mtime_ns).read_bytes(), policy=policy.default)
    assert "60 outlets" in mail.get_body(("plain",)).get_content()
