"""Pages of matched articles are looked at again; what changed is a new version, and told again only with another headline or grade."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.pipeline import read_article
from monitor.store import articles, stories
from monitor.store.schema import alert, article, page

WORDS = [f"Paragraph {number} says what the ministers of NATO and Ukraine agreed on in item {number} of their long list." for number in range(40)]


@pytest.fixture
async def told(life, make):
    """A page with validators that matched and was told, a minute after it came."""
    life.refetch = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    shows(life, make.TITLE, *WORDS)
    await life.goes_on()
    return life


def shows(life, title, *paragraphs, etag="", **headers):
    life.web.article("/1.html", title, *paragraphs)
    status, sent, body = life.web.pages["/1.html"]
    etag = etag or f'"{hash((title, paragraphs))}"'
    life.web.pages["/1.html"] = (status, sent | {"ETag": etag} | headers, body)


async def goes_on(life, **time):
    life.clock.forward(**time)
    for step in (life.read, life.judge, life.close, life.deliver):
        await step()


def asked(life):
    return [headers.get("If-None-Match", "") for path, headers in life.web.asked if path == "/1.html"]


def alerts(life):
    return life.rows(alert, alert.c.action, alert.c.reason)


async def test_a_matched_page_is_asked_for_again_after_one_six_and_24_hours_and_never_again(told):
    times = []
    for hour in range(60):
        before = len(asked(told))
        await goes_on(told, hours=1)
        times += [hour] * (len(asked(told)) - before)

    assert times == [0, 5, 23]
    assert told.rows(article, article.c.step) == ["done"]


async def test_only_whether_it_changed_is_asked_and_nothing_is_judged_where_it_did_not(told):
    before = told.rows(article, article.c.title, article.c.text, article.c.status, article.c.version)
    matches = told.doors.tally.matches

    await goes_on(told, hours=2)

    first, again = asked(told)
    assert (first, again) == ("", told.web.pages["/1.html"][1]["ETag"])
    assert told.rows(article, article.c.title, article.c.text, article.c.status, article.c.version) == before
    assert told.rows(article, article.c.step, article.c.due_at) == [("read", told.rows(article, article.c.page_again_at)[0])]
    assert (told.doors.tally.matches, len(alerts(told))) == (matches, 1)


@pytest.mark.parametrize(("changed", "version"), [pytest.param(2, 1, id="a line or two"), pytest.param(10, 2, id="more than a tenth")])
async def test_a_new_version_is_more_than_a_tenth_of_other_words_and_the_newest_text_is_kept_in_any_case(told, make, changed, version):
    other = [f"Revision{number} of what had been announced earlier differs wholly: seventeen vessels, nine harbours, four dawns." for number in range(changed)]
    shows(told, make.TITLE, *WORDS[:-changed], *other)

    await goes_on(told, hours=2)

    ((text, found),) = told.rows(article, article.c.text, article.c.version)
    assert (other[0] in text, found) == (True, version)
    assert [each for each in alerts(told) if each[0] != "silent"] == [("now", "new-story")]
    assert len(told.sent) == 1


async def test_a_headline_that_says_something_else_on_the_page_is_told_though_the_feed_is_silent(told):
    shows(told, "NATO denies that its chief visits Odesa", *WORDS)

    await goes_on(told, hours=2)
    await goes_on(told, hours=5)
    await told.goes_on()

    assert [each for each in alerts(told) if each[0] != "silent"] == [("now", "new-story"), ("now", "headline-changed")]
    assert told.rows(article, article.c.title, article.c.version) == [("NATO denies that its chief visits Odesa", 2)]


async def test_a_page_whose_headline_never_was_the_feeds_is_not_told_for_that(life, make):
    life.refetch = (timedelta(hours=1),)
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    shows(life, "Live: all that happened in the war today", *WORDS)
    await life.goes_on()
    shows(life, "Live: all that happened in the war today", *WORDS[5:], *WORDS[:2], etag='"2"')

    await goes_on(life, hours=2)

    assert life.rows(article, article.c.title) == [make.TITLE]
    assert [each for each in alerts(life) if each[0] != "silent"] == [("now", "new-story")]


async def test_an_edit_of_the_feed_wins_over_a_headline_that_the_page_got_before(told, make):
    shows(told, "NATO denies that its chief visits Odesa", *WORDS)
    await goes_on(told, hours=2)
    told.web.feed("/a.xml", ("NATO chief leaves for Moldova", "/1.html", make.LEAD, told.clock()))

    await told.goes_on()

    assert told.rows(article, article.c.title) == ["NATO chief leaves for Moldova"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((503, {"Retry-After": "60"}, b""), id="busy"),
        pytest.param((404, {}, b""), id="gone"),
        pytest.param((200, {"Content-Type": "text/html"}, b"<html><title>Sign in</title><input type='password'><p>Sign in to go on.</p></html>"), id="wall"),
        pytest.param((200, {"Content-Type": "image/png"}, b"\x89PNG"), id="picture"),
    ],
)
async def test_what_is_less_than_we_have_changes_nothing_and_the_next_look_comes(told, answer):
    before = told.rows(article, article.c.title, article.c.text, article.c.status, article.c.problem, article.c.version)
    told.web.pages["/1.html"] = answer

    await goes_on(told, hours=2)

    assert told.rows(article, article.c.title, article.c.text, article.c.status, article.c.problem, article.c.version) == before
    assert told.rows(article, article.c.page_again_at) == [told.rows(article, article.c.seen_at)[0] + timedelta(hours=6)]


async def test_what_could_not_be_read_in_full_when_it_was_told_is_told_once_when_it_can(life, make):
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    life.web.article(
        "/1.html", "Ми дбаємо про вашу приватність", "Ми та наші партнери використовуємо файли cookie. Надайте згоду на обробку персональних даних."
    )
    await life.goes_on()
    shows(life, make.TITLE, *WORDS)

    await goes_on(life, hours=25)
    await goes_on(life, hours=25)

    assert [each for each in alerts(life) if each[0] != "silent"] == [("now", "new-story"), ("now", "now-in-full")]
    newest = max(life.sent, key=lambda path: path.stat().st_mtime_ns).read_text()
    assert "Subject: Update: " in newest
    assert "now in full" in newest


async def test_what_nobody_is_told_of_is_not_asked_for_again(life, make):
    life.refetch = (timedelta(hours=1),)
    life.topics = {"other": make.topic("other", "grain", rule="a")}
    life.subscribers = {"desk": make.subscriber("desk", *life.subscribers["desk"].channels, topics=("other",))}
    life.web.feed("/a.xml", ("Short", "/1.html", "Short.", life.clock()))
    life.watches("/a.xml")
    shows(life, "Short", *WORDS)
    await life.goes_on()

    await goes_on(life, hours=2)

    assert len(asked(life)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_the_save_of_a_second_look_there_is_one_new_version_and_one_alert(told, when):
    shows(told, "NATO denies that its chief visits Odesa", *WORDS[20:])
    told.clock.forward(hours=2)

    await told.dies(told.read, articles.save_reads, when)
    await goes_on(told)

    assert told.rows(article, article.c.version) == [2]
    assert [each for each in alerts(told) if each[0] != "silent"] == [("now", "new-story"), ("now", "headline-changed")]


async def test_a_second_look_that_lost_its_claim_changes_nothing(told, make):
    shows(told, "NATO denies that its chief visits Odesa", *WORDS[20:])
    told.clock.forward(hours=2)
    (late,) = told.claims(articles.claim_articles, "read")
    told.clock.forward(minutes=6)
    shows(told, make.TITLE, *WORDS, etag='"as it was"')
    await told.read()
    before = told.rows(article), told.rows(page)
    shows(told, "NATO denies that its chief visits Odesa", *WORDS[20:])

    await read_article(told.doors, told.settings, replace(late, leased_until=told.clock() + timedelta(minutes=5)))

    assert (told.rows(article), told.rows(page)) == before


async def test_a_changed_topic_judges_what_waits_for_a_second_look_and_the_look_still_comes(told, make):
    told.database.write_now(stories.requeue_matching, told.clock(), timedelta(days=3))
    assert told.rows(article, article.c.step) == ["judge"]

    await told.judge()
    await goes_on(told, hours=2)

    assert len(asked(told)) == 2


async def test_a_text_that_was_forgotten_is_fetched_whole(told):
    told.update(article, text="")

    await goes_on(told, hours=2)

    assert asked(told) == ["", ""]
    assert told.rows(article, article.c.text) != [""]
