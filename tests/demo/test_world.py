import asyncio
import html
import time
from datetime import UTC, datetime, timedelta

import feedparser
import httpx
import pytest

from monitor.demo.outlets import Fault, Format
from monitor.demo.world import Hit, Site, World

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entries(site: Site, response: httpx.Response) -> list[tuple[str, str]]:
    if site.outlet.format is Format.JSON:
        return [(item["title"], item["url"]) for item in response.json()["items"]]
    return [(entry.title, entry.link.partition("?")[0]) for entry in feedparser.parse(response.content).entries]


def healthy(world: World) -> list[Site]:
    return [site for site in world.sites.values() if site.outlet.fault is not Fault.SERVER_ERROR]


async def test_every_feed_lists_its_articles_newest_first(world, client):
    for site in healthy(world):
        response = await client.get(site.feed_url)

        assert entries(site, response) == [(printed.piece.title, printed.url) for printed in site.printed], site.outlet.id


async def test_the_broken_feed_is_broken_and_readable_all_the_same(world, client):
    response = await client.get(world.sites["sprockett"].feed_url)

    feed = feedparser.parse(response.content)
    assert feed.bozo
    assert len(feed.entries) == 5
    assert feed.entries[1].title == "Brass band & football club both claim tuba found in canal"


async def test_the_failing_feed_fails(world, client):
    response = await client.get(world.sites["quarry"].feed_url)

    assert response.status_code == 500


async def test_dates_in_feeds_are_those_of_the_world(client):
    async with World(clock=lambda: NOON) as world:
        response = await client.get(world.sites["harbour"].feed_url)

    newest = feedparser.parse(response.content).entries[0]
    assert datetime(*newest.published_parsed[:6], tzinfo=UTC) == NOON - timedelta(minutes=47)


async def test_every_page_is_served(world, client):
    for site in world.sites.values():
        expected = "Before you read on" if site.outlet.fault is Fault.CONSENT else None
        for printed in site.printed:
            page = await client.get(printed.url)

            assert page.status_code == 200
            assert (expected or printed.piece.paragraphs[-1]) in html.unescape(page.text), printed.url


async def test_the_front_page_leads_to_the_feed(world, client):
    page = await client.get(world.sites["orge"].url + "/")

    assert f'type="application/feed+json" title="Le Courrier de Sainte-Orge" href="{world.sites["orge"].feed_url}"' in page.text


@pytest.mark.parametrize("path", ["/feed", "/", "/news/crews-to-train-on-air-defence.html"])
async def test_who_has_the_newest_version_gets_304(world, client, path):
    url = world.sites["harbour"].url + path
    first = await client.get(url)

    by_tag = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
    by_date = await client.get(url, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert [by_tag.status_code, by_date.status_code] == [304, 304]
    assert by_tag.headers["etag"] == first.headers["etag"]
    assert by_tag.content == b""


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param({"If-None-Match": '"another"'}, id="another tag"),
        pytest.param({"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, id="an old date"),
        pytest.param({"If-Modified-Since": "yesterday"}, id="no date at all"),
        pytest.param({"If-None-Match": '"another"', "If-Modified-Since": "Sun, 06 Nov 2094 08:49:37 GMT"}, id="the tag wins over the date"),
    ],
)
async def test_who_has_an_older_version_gets_the_feed(world, client, condition):
    assert (await client.get(world.sites["harbour"].feed_url, headers=condition)).status_code == 200


async def test_a_published_piece_comes_first_in_the_feed_and_has_a_page(world, client):
    site = world.sites["northgate"]
    before = await client.get(site.feed_url)

    url = world.publish("northgate", "mobile-radars-for-ukraine")

    after = await client.get(site.feed_url, headers={"If-None-Match": before.headers["etag"]})
    assert entries(site, after)[0] == ("NATO allies pledge forty mobile radars to Ukraine at Brackwater meeting", url)
    assert (await client.get(url)).status_code == 200


async def test_what_is_held_back_cannot_be_seen_before(world, client):
    assert (await client.get(world.sites["northgate"].url + "/news/mobile-radars-for-ukraine.html")).status_code == 404


@pytest.mark.parametrize("slug", ["no-such-piece", "rutte-odesa-support-unwavering"])
async def test_only_what_is_held_back_can_be_published(world, slug):
    with pytest.raises(LookupError, match=slug):
        world.publish("tribune", slug)


async def test_every_answer_is_counted(world, client):
    feed_url = world.sites["velvet"].feed_url
    first = await client.get(feed_url)
    await client.get(feed_url + "?page=2", headers={"If-None-Match": first.headers["etag"]})
    await client.get(world.sites["velvet"].url + "/nowhere")

    assert world.hits == {Hit("velvet", "/feed", 200): 1, Hit("velvet", "/feed", 304): 1, Hit("velvet", "/nowhere", 404): 1}


async def test_robots_are_welcome(world, client):
    assert "Allow: /" in (await client.get(world.sites["harbour"].url + "/robots.txt")).text


async def test_the_slow_site_takes_its_time_and_no_other(client):
    async with World(slow_s=0.3) as world:
        started = time.perf_counter()
        await client.get(world.sites["harbour"].feed_url)
        quick_s = time.perf_counter() - started
        await client.get(world.sites["fenland"].feed_url)
        slow_s = time.perf_counter() - started - quick_s

    assert slow_s >= 0.3 > quick_s


async def test_the_world_starts_at_once_and_leaves_nothing_behind(client):
    started = time.perf_counter()
    async with World() as world:
        assert time.perf_counter() - started < 0.3
        urls = [site.feed_url for site in world.sites.values()]
        waiting = asyncio.create_task(client.get(world.sites["fenland"].feed_url))
        await asyncio.sleep(0)

    assert len(asyncio.all_tasks() - {asyncio.current_task(), waiting}) == 0
    with pytest.raises(httpx.TransportError):
        await waiting
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
