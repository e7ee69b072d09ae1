"""T3: what an article means is saved once, one bad article stops nobody, and nobody is left untold because of a race."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from monitor.errors import StoreError
from monitor.pipeline import judge_articles
from monitor.store import articles, deliveries, stories
from monitor.store.schema import alert, article, digest, match, stem_frequency, story, story_member

OTHERS = ("Sniffer dogs clear fields near Izium for NATO", "Officers learn English to pass NATO exams", "Radar masts of a NATO member rise above the port")


def published(life, *titles):
    life.web.feed("/a.xml", *((title, f"/{number}.html", f"What there is to say of it: {title}.", life.clock()) for number, title in enumerate(titles)))


@pytest.fixture
async def life(life, make):
    """Two events that match, read and due to judge."""
    published(life, make.TITLE, OTHERS[0])
    life.watches("/a.xml")
    await life.poll()
    await life.read()
    return life


def told(life):
    return life.rows(alert, alert.c.article_id, alert.c.action, alert.c.reason)


def travels_in(life):
    keys = dict(life.rows(digest, digest.c.id, digest.c.key))
    return [keys[digest_id] for digest_id in life.rows(alert, alert.c.digest_id)]


async def test_judging_saves_stories_matches_alerts_and_open_digests(life):
    await life.judge()

    assert [len(life.rows(table)) for table in (story, story_member, match, alert, digest)] == [2, 2, 2, 2, 2]
    assert life.rows(article, article.c.step) == ["done", "done"]
    assert told(life) == [(1, "now", "new-story"), (2, "now", "new-story")]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_the_save_each_story_is_told_once(life, when):
    await life.dies(life.judge, stories.save_judgements, when)

    await life.judge()

    assert told(life) == [(1, "now", "new-story"), (2, "now", "new-story")]
    assert life.rows(article, article.c.step) == ["done", "done"]


async def test_a_save_that_fails_leaves_no_story_behind_that_only_memory_knows(life):
    life.database.dies = {"save_judgements": "before"}
    claims = life.claims(articles.claim_articles, "judge")
    with pytest.raises(BaseException):  # noqa: B017 -- Killed
        await judge_articles(life.doors, life.settings, claims)

    assert life.doors.memory.index is None


async def test_a_judge_whose_claim_was_lost_says_nothing(life):
    late = life.claims(articles.claim_articles, "judge")
    life.clock.forward(minutes=6)
    life.claims(articles.claim_articles, "judge")

    await judge_articles(life.doors, life.settings, late)

    assert (told(life), life.rows(story)) == ([], [])
    life.clock.forward(minutes=6)
    await life.judge()
    assert len(told(life)) == 2


async def test_an_edit_that_comes_while_articles_are_judged_leaves_no_neighbour_untold(life, make):
    """Two outlets, one event: the second is silent because the first was told. If the first is not saved, the second must speak."""
    life.web.feed("/b.xml", (make.TITLE + " again", "/b.html", f"What there is to say of it: {make.TITLE}.", life.clock()))
    life.watches("/a.xml", "/b.xml")
    await life.poll()
    await life.read()
    claims = life.claims(articles.claim_articles, "judge")
    published(life, "Nothing to see", OTHERS[0])
    await life.poll()

    await judge_articles(life.doors, life.settings, claims)
    assert [(row[0], row[1]) for row in told(life)] == [(1, "now"), (3, "now")]
    await life.read()
    await life.judge()

    assert life.rows(article, article.c.step) == ["done"] * 3
    assert len([row for row in told(life) if row[1] == "now"]) == 2


async def test_one_article_that_cannot_be_judged_does_not_hold_up_the_others(life, make):
    """A time zone that nobody knows raises for whatever matches; the article that says nothing is well."""
    lost = make.subscriber("desk", *life.subscribers["desk"].channels, digest="12:30", alert=None)
    life.subscribers = {"desk": replace(lost, timezone="Nowhere/Land")}
    life.database.write_now(lambda connection: connection.execute(update(article).where(article.c.id == 1).values(title="Grain", text="Grain.")))

    for _ in range(2):
        with pytest.raises((ExceptionGroup, KeyError)):
            await life.judge()
        assert life.rows(article, article.c.step) == ["done", "judge"]
        life.clock.forward(minutes=6)
    await life.judge()

    assert life.rows(article, article.c.step) == ["done", "done"]
    assert life.rows(article, article.c.problem)[1] == "internal: ZoneInfoNotFoundError"


async def test_trouble_of_the_database_is_nobodys_fault(life):
    async def refuse(*_args, **_kwargs):
        raise StoreError("full")

    write, life.database.write = life.database.write, refuse
    for _ in range(5):
        with pytest.raises(StoreError):
            await life.judge()
        life.clock.forward(minutes=6)
    life.database.write = write
    await life.judge()

    assert len(told(life)) == 2


async def test_a_changed_topic_tells_what_the_old_one_kept_silent(life, make):
    life.topics = {"nato": make.topic("nato", "NATO", "nothing", rule="a", digest_at=0.1, alert_at=1.0)}
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels)}
    life.topics["nato"] = make.topic("nato", "NATO", digest_at=0.05, alert_at=1.0)
    life.watches("/a.xml")
    await life.judge()
    assert {row[1:] for row in told(life)} == {("silent", "below-alert-score")}

    life.topics["nato"] = make.topic("nato", "NATO", digest_at=0.05, alert_at=0.05)
    life.watches("/a.xml")
    life.database.write_now(stories.requeue_matching, life.clock(), make.LEASE * 1000)
    await life.judge()

    assert told(life) == [(1, "now", "new-story"), (2, "now", "new-story")]


async def test_judging_again_tells_nobody_twice(life, make):
    await life.judge()
    life.database.write_now(stories.requeue_matching, life.clock(), make.LEASE * 1000)
    await life.judge()

    assert [row[1] for row in told(life)].count("now") == 2
    assert len(life.rows(digest)) == 2


async def test_what_comes_after_a_digest_began_to_close_goes_into_the_next(life, make):
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, digest="12:30", alert=None)}
    await life.judge()
    published(life, make.TITLE, OTHERS[0], OTHERS[1])
    await life.poll()
    await life.read()
    life.clock.now = life.clock.now.replace(hour=12, minute=30, second=0)
    life.database.write_now(deliveries.claim_digests, life.clock(), make.LEASE, 10)
    life.clock.now = life.clock.now.replace(minute=29, second=59)  # the batch began before the digest closed

    await life.judge()

    assert life.rows(digest, digest.c.key) == ["2026-11-22T12:30", "2026-11-23T12:30"]
    assert [row[1] for row in told(life)] == ["digest"] * 3
    assert travels_in(life) == ["2026-11-22T12:30", "2026-11-22T12:30", "2026-11-23T12:30"]


async def test_a_clock_that_goes_back_does_not_stop_the_judging(life, make):
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, digest="12:30", alert=None)}
    await life.judge()
    life.clock.now = life.clock.now.replace(hour=12, minute=31)
    await life.close()
    published(life, make.TITLE, OTHERS[0], OTHERS[1])
    await life.poll()
    life.clock.now = life.clock.now.replace(hour=12, minute=5)  # an hour back in autumn by a broken clock, say
    life.update(article, due_at=life.clock.now)
    await life.read()

    await life.judge()

    assert travels_in(life) == ["2026-11-22T12:30", "2026-11-22T12:30", "2026-11-23T12:30"]


async def test_a_poll_by_hand_does_not_close_a_digest_before_its_time(life, make):
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, digest="17:00", alert=None)}
    await life.judge()
    await life.close()

    assert life.rows(digest, digest.c.key, digest.c.state, digest.c.closes_at) == [("2026-11-22T17:00", "open", life.clock().replace(hour=17, second=0))]


async def test_one_claim_is_judged_once(life):
    claims = life.claims(articles.claim_articles, "judge")
    await judge_articles(life.doors, life.settings, claims)
    before, matches = life.rows(stem_frequency), life.doors.tally.matches

    await judge_articles(life.doors, life.settings, claims)

    assert (life.rows(stem_frequency), life.doors.tally.matches) == (before, matches)


async def test_an_article_gets_the_language_it_is_written_in_whatever_its_feed_declares(life, make):
    words = "Генеральний секретар НАТО відвідав Одесу, де зустрівся з президентом України. Союзники обіцяють нові системи протиповітряної оборони."
    life.web.feed("/a.xml", ("НАТО і Україна", "/uk.html", words, life.clock()))
    life.watches("/a.xml")
    await life.poll()
    await life.read()
    life.database.write_now(lambda connection: connection.execute(update(article).where(article.c.title == "НАТО і Україна").values(language="ru")))
    life.topics = {"nato": make.topic("nato", "NATO", "НАТО")}

    await life.judge()

    assert dict(life.rows(article, article.c.title, article.c.language))["НАТО і Україна"] == "uk"
