"""robots.txt: read as RFC 9309 says, bounded, and never an obstacle by accident."""

import resource
import time
from datetime import timedelta

import pytest
from wire import answer, forever, hang, redirect

from monitor.fetcher import robots
from monitor.fetcher.robots import ask, for_us, judge, origin_of


def may(text: str, path: str) -> bool:
    return judge(for_us(text), f"https://news.example{path}")[0]


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        pytest.param("", "/a", True, id="empty"),
        pytest.param("User-agent: *\nDisallow: /", "/a", False, id="everything is forbidden to everybody"),
        pytest.param("User-agent: *\nDisallow:", "/a", True, id="nothing is forbidden"),
        pytest.param("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True, id="the longer rule wins"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf", False, id="a star and an end"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf?x", True, id="behind the end"),
        pytest.param("User-agent: *\nDisallow: /\n\nUser-agent: monitor\nDisallow: /x", "/a", True, id="rules for us go before those for everybody"),
        pytest.param("User-agent: *\nAllow: /\n\nUser-agent: Monitor/1.0\nDisallow: /", "/a", False, id="we are named in another case and with a version"),
        pytest.param("User-agent: monitoring\nDisallow: /", "/a", True, id="a name that only begins like ours"),
        pytest.param("User-agent: mon\nDisallow: /", "/a", True, id="a name that ours only begins like"),
        pytest.param("User-agent: other\nDisallow: /", "/a", True, id="another robot"),
        pytest.param("User-agent: other\nUser-agent: monitor\nDisallow: /", "/a", False, id="several names above one group"),
        pytest.param("User-agent: monitor\nDisallow: /a\nUser-agent: x\nDisallow: /b\nUser-agent: monitor\nDisallow: /c", "/c", False, id="two groups for us"),
        pytest.param("User-agent: monitor\nSitemap: /s.xml\nDisallow: /a", "/a", False, id="a sitemap ends no group"),
        pytest.param("\ufeffUSER AGENT: * # all\r\n disallow : /a # x\r\n", "/a", False, id="mark, comments, blanks and capitals"),
        pytest.param("<html><body>User-agent: * Disallow: /</body></html>", "/a", True, id="a page instead"),
        pytest.param("Disallow: /", "/a", True, id="a rule for nobody"),
        pytest.param("User-agent: *\nDisallow: /ключ", "/%D0%BA%D0%BB%D1%8E%D1%87/1", False, id="letters and their escapes are the same"),
    ],
)
def test_a_site_is_obeyed(text, path, allowed):
    assert may(text, path) is allowed


@pytest.mark.parametrize(("delay", "seconds"), [("5", 5), ("0.5", 0.5), ("3600", 60), ("-1", 0), ("soon", 0), ("inf", 0)])
def test_a_crawl_delay_is_kept_up_to_a_minute(delay, seconds):
    assert judge(for_us(f"User-agent: *\nCrawl-delay: {delay}\n"), "https://news.example/a") == (True, seconds)


def test_the_origin_is_what_a_robots_file_is_for():
    assert origin_of("HTTPS://News.example:443/a?b#c") == "https://news.example"
    assert origin_of("http://news.example:8080/a") == "http://news.example:8080"
    assert origin_of("mailto:a@news.example") == ""


# ------------------------------------------------------------------------------------------- asking
async def said(client, server, clock, known=None):
    return await ask(client, server.url.rstrip("/"), known, clock(), 5)


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "401 Who", "410 Gone"])
async def test_C54_where_there_is_no_file_everything_is_allowed(client, serve, clock, status):
    server = await serve(answer(status=status))

    found, error = await said(client, server, clock)

    assert (found.body, found.failing_since, found.expires_at - clock.now, error) == ("", None, timedelta(days=1), None)


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down"])
async def test_C54_where_the_file_cannot_be_had_nothing_is_allowed_for_now(client, serve, clock, status):
    server = await serve(answer(status=status))

    found, error = await said(client, server, clock)

    assert (found.failing_since, found.status) == (clock.now, int(status[:3]))
    assert found.expires_at - clock.now == timedelta(minutes=5)
    assert error


async def test_C54_the_rules_from_before_hold_while_the_file_cannot_be_had(client, serve, clock):
    server = await serve(answer(b"User-agent: *\nDisallow: /x"))
    before, _ = await said(client, server, clock)
    server.answers["*"] = answer(status="500 Oops")

    later, _ = await said(client, server, clock, known=before)

    assert (later.body, later.failing_since) == (before.body, clock.now)


async def test_C54_the_wish_to_be_left_alone_is_heard(client, serve, clock):
    server = await serve(answer(status="503 Busy", retry_after="3600"))

    found, error = await said(client, server, clock)

    assert (found.expires_at, error.retry_at) == (clock.now + timedelta(hours=1), clock.now + timedelta(hours=1))


async def test_a_server_that_is_down_says_nothing(client, serve, clock):
    server = await serve(hang)
    await server.stop()

    found, error = await said(client, server, clock)

    assert (found.status, found.failing_since, error.reason) == (None, clock.now, "refused")


async def test_A61_five_redirects_are_followed_and_no_more(client, serve, clock):
    hops = {f"/{number}": redirect(f"/{number + 1}") for number in range(1, 6)}
    server = await serve({"/robots.txt": redirect("/1"), **hops, "/5": answer(b"User-agent: *\nDisallow: /")})

    five, _ = await said(client, server, clock)
    server.answers |= {"/5": redirect("/6"), "/6": answer(b"User-agent: *\nDisallow: /")}
    six, error = await said(client, server, clock)

    assert (five.body, six.body, error) == ("User-agent: *\nDisallow: /", "", None)


@pytest.mark.parametrize("where", ["http://10.0.0.1/robots.txt", "http://169.254.169.254/", "file:///etc/passwd"])
async def test_A61_a_redirect_into_a_private_network_is_not_followed_and_forbids_nothing(client, serve, clock, where):
    found, error = await said(client, await serve(redirect(where)), clock)

    assert (found.body, found.failing_since, error) == ("", None, None)


async def test_A61_of_a_giant_file_the_first_500_kib_are_read(client, serve, clock):
    rules = b"User-agent: *\nDisallow: /secret\n" + b"Disallow: /a-path-of-27-chars\n" * 40_000 + b"Disallow: /\n"
    server = await serve(answer(rules))

    found, _ = await said(client, server, clock)

    assert 400 * 1024 < len(found.body) <= 500 * 1024
    assert (may(found.body, "/secret"), may(found.body, "/other")) == (False, True)
    assert found.body.endswith("27-chars\n")  # half a rule would be another rule


async def test_A61_a_file_without_end_is_left_at_its_limit(client, serve, clock):
    found, error = await said(client, await serve(forever), clock)

    assert error is None
    assert len(found.body) <= 500 * 1024


def test_A61_a_file_for_thousands_of_robots_costs_little():
    """Protego alone takes the product of names and rules."""
    text = "\n".join([*(f"User-agent: r{number}" for number in range(15_000)), "User-agent: *", *(f"Disallow: /{number}" for number in range(15_000))])
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    assert (may(text, "/14999"), may(text, "/a")) == (False, True)

    assert time.process_time() - begun < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_what_is_no_text_forbids_nothing(client, serve, clock):
    found, error = await said(client, await serve(answer(b"%PDF-1.7" + bytes(99))), clock)

    assert (found.body, error) == ("", None)


async def test_we_ask_under_the_name_that_we_obey(client, serve, clock):
    server = await serve(answer(b""))

    await said(client, server, clock)

    assert server.heads[0].startswith("GET /robots.txt ")
    assert server.header("User-Agent").partition("/")[0] == robots.TOKEN
