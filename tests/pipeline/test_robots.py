"""Pages and robots.txt: obeyed before anything is asked, and never in the way of an alert."""

import asyncio
from dataclasses import replace

import pytest

from monitor.articles.sites import SiteRules
from monitor.pipeline import read_article
from monitor.store import articles, reports
from monitor.store.schema import article, robots

BODY = "Ukraine asked NATO for Patriot batteries, and the ministers answered at length in the evening. " * 6


@pytest.fixture
async def news(life, make):
    """A feed with three entries that name the topic, polled."""
    life.web.feed("/a.xml", *((f"{make.TITLE} {number}", f"/{number}.html", make.LEAD, life.clock()) for number in range(3)))
    for number in range(3):
        life.web.article(f"/{number}.html", make.TITLE, BODY, BODY)
    life.watches("/a.xml")
    await life.poll()
    return life


def says(life, text, status=200, **headers):
    life.web.pages["/robots.txt"] = (status, headers, text.encode())


def asked(life):
    return [path for path, _ in life.web.asked if path != "/a.xml"]


def read(life):
    return life.rows(article, article.c.status, article.c.problem, article.c.step)


async def test_C53_a_page_that_robots_txt_forbids_is_not_asked_for_and_its_feeds_words_are_told(news):
    says(news, "User-agent: *\nDisallow: /")

    await news.read()
    await news.judge()
    await news.close()
    await news.deliver()

    assert asked(news) == ["/robots.txt"]
    assert {row[:2] for row in read(news)} == {("feed-only", "robots")}
    assert len(news.sent) > 0
    (story, *_) = news.database.read_now(reports.list_stories)
    assert {member.article.problem for member in story.members} == {"robots"}


async def test_C53_only_the_pages_that_are_forbidden_are_left(news):
    says(news, "User-agent: *\nDisallow: /1.html")

    await news.read()

    assert sorted(asked(news)) == ["/0.html", "/2.html", "/robots.txt"]
    assert read(news)[1] == ("feed-only", "robots", "judge")


async def test_a_feed_is_asked_for_whatever_robots_txt_says(life, make):
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    says(life, "User-agent: *\nDisallow: /")
    life.watches("/a.xml")

    await life.poll()

    assert [path for path, _ in life.web.asked] == ["/a.xml"]


async def test_robots_txt_is_asked_once_for_many_pages_and_not_again_after_a_restart(news, make):
    says(news, "User-agent: *\nAllow: /")
    await news.read()
    news.web.feed("/a.xml", ("NATO again", "/9.html", make.LEAD, news.clock()))
    await news.poll()
    news.restarted()

    await news.read()

    assert asked(news).count("/robots.txt") == 1


async def test_pages_that_are_read_at_once_ask_robots_txt_once(news):
    async with asyncio.TaskGroup() as tasks:
        for claim in news.claims(articles.claim_articles, "read"):
            tasks.create_task(read_article(news.doors, news.settings, claim))

    assert asked(news).count("/robots.txt") == 1
    assert {row[0] for row in read(news)} == {"full"}


async def test_after_a_day_robots_txt_is_asked_again(news, make):
    says(news, "User-agent: *\nDisallow: /")
    await news.read()
    news.clock.forward(hours=25)
    says(news, "User-agent: *\nAllow: /")
    news.web.feed("/a.xml", ("NATO again", "/2.html", make.LEAD, news.clock()))
    await news.poll()

    await news.read()

    assert asked(news) == ["/robots.txt", "/robots.txt", "/2.html"]


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_C54_while_robots_txt_is_in_trouble_pages_wait_and_then_the_feeds_words_are_told(news, status):
    says(news, "", status)

    await news.read()
    assert (asked(news), {row[2] for row in read(news)}) == (["/robots.txt"], {"read"})

    news.clock.forward(minutes=3)
    await news.read()
    assert asked(news) == ["/robots.txt"]
    assert {row[1:] for row in read(news)} == {("robots-unavailable", "judge")}

    assert news.rows(article, article.c.page_again_at)[0] is not None


async def test_C54_when_robots_txt_is_well_again_the_pages_are_read(news):
    says(news, "", 500)
    await news.read()
    says(news, "User-agent: *\nAllow: /")
    news.clock.forward(minutes=6)

    await news.read()

    assert {row[0] for row in read(news)} == {"full"}


async def test_C54_where_there_is_no_robots_txt_pages_are_read(news):
    await news.read()

    assert sorted(asked(news)) == ["/0.html", "/1.html", "/2.html", "/robots.txt"]


async def test_C54_after_a_month_of_trouble_pages_are_read_all_the_same(news):
    says(news, "", 500)
    await news.read()
    news.clock.forward(days=31)

    await news.read()

    assert {row[0] for row in read(news)} == {"full"}
    assert len(news.rows(robots)) == 1


async def test_the_rest_that_a_robots_txt_asks_for_is_the_whole_hosts(news):
    says(news, "", 503, **{"Retry-After": "3600"})

    await news.read()
    await news.poll()

    assert asked(news) == ["/robots.txt"]
    assert news.web.asked[-1][0] == "/robots.txt"  # and no feed behind it


async def test_a_crawl_delay_parts_the_pages_of_a_site(news):
    says(news, "User-agent: *\nCrawl-delay: 30")

    await news.read()
    first = asked(news)
    news.clock.forward(seconds=31)
    await news.read()

    assert (len(first), len(asked(news))) == (2, 3)
    assert [row[2] for row in read(news)].count("judge") == 2


async def test_the_operator_may_ignore_robots_txt_for_a_site(news, capsys):
    says(news, "User-agent: *\nDisallow: /")
    settings = replace(news.settings, sites={"127.0.0.1": SiteRules(ignores_robots=True)})

    for claim in news.claims(articles.claim_articles, "read"):
        await read_article(news.doors, settings, claim)

    assert sorted(asked(news)) == ["/0.html", "/1.html", "/2.html"]
    assert capsys.readouterr().out.count("robots-ignored") == 3


async def test_A61_a_giant_robots_txt_stops_nothing(news):
    says(news, "\n".join([*(f"User-agent: r{number}" for number in range(20_000)), "User-agent: *", *(f"Disallow: /x{number}" for number in range(40_000))]))

    await news.read()

    assert {row[0] for row in read(news)} == {"full"}
