"""`monitor feeds add` and `check`: what stands at an address, before and after it is watched."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from loopback import write_config

from monitor.cli.feeds.adding import whole_address
from monitor.fetcher.client import Client

LEAD = "The alliance promised Ukraine further help from NATO."


@pytest.fixture
def site(web, hours_ago):
    """A newspaper with three feeds, and a page that names them."""
    news = ("NATO chief visits Odesa as Ukraine asks for air defence", "/1.html", LEAD, hours_ago(2))
    web.feed("/news.xml", news, ("Grain prices fall", "/2.html", "Wheat.", hours_ago(3)), title="Alpha – news", etag='"v1"')
    web.feed("/sport.xml", ("A match", "/3.html", "Goals.", hours_ago(30)), title="Alpha – sport")
    web.feed("/comments.xml", title="Alpha – comments")
    web.pages["/"] = page(
        '<link rel="alternate" type="application/rss+xml" title="Sport" href="sport.xml">',
        '<a href="/comments.xml?feed=rss"></a><link rel="alternate" type="application/atom+xml" href="/comments.xml">',
        news=True,
    )
    web.pages["/one/"] = page('<link rel="alternate" type="application/rss+xml" href="/news.xml">')
    web.pages["/none/"] = page("<p>Welcome</p>")
    web.pages["/moved"] = (301, {"Location": "/sport.xml"}, b"")
    web.pages["/for-now"] = (302, {"Location": "/sport.xml"}, b"")
    return web


@pytest.fixture
def hours_ago():
    return lambda hours: datetime.now(UTC) - timedelta(hours=hours)


@pytest.fixture
def config(site, tmp_path):
    return write_config(tmp_path, site, "/first.xml")


def page(*parts: str, news: bool = False):
    link = '<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">' if news else ""
    return 200, {"Content-Type": "text/html"}, f"<!doctype html><html><head>{link}{''.join(parts)}</head><body>Hello</body></html>".encode()


def feeds_of(config):
    return tomllib.loads(config.read_text("utf-8"))["feeds"]


# --------------------------------------------------------------------------------------------------- add
def test_a_feed_is_shown_and_written_and_everything_else_stays(monitor, site, config):
    before = config.read_text()

    done = monitor("feeds", "add", f"{site.address}/news.xml")

    assert (done.code, done.err) == (0, "The next `monitor run` or `monitor poll` takes it.\n")
    assert done.out.splitlines() == [
        "Alpha – news",
        f"  {site.address}/news.xml",
        "  rss20 · en · 2 entries, the newest 2 h ago · 1 would match nato-ukraine",
        "added alpha-news",
    ]
    assert feeds_of(config)["alpha-news"] == {"url": f"{site.address}/news.xml", "title": "Alpha – news"}
    assert [line for line in before.splitlines() if line not in config.read_text().splitlines()] == []
    assert monitor("check").code == 0


def test_what_was_added_is_polled(monitor, site, config):
    monitor("feeds", "add", f"{site.address}/news.xml", "--id", "mine")

    monitor("poll", "mine", "--no-deliver")

    assert [feed["entries"] for feed in monitor("feeds", "list", "--json").json["feeds"] if feed["id"] == "mine"] == [2]


def test_a_dry_run_writes_nothing(monitor, site, config):
    before = config.read_text()

    done = monitor("feeds", "add", f"{site.address}/news.xml", "--dry-run", "--json")

    assert (done.code, done.json["written"], config.read_text()) == (0, False, before)
    (found,) = done.json["feeds"]
    assert (found["status"], found["id"], found["feed"]["matches"]) == ("new", "alpha-news", {"nato-ukraine": 1})
    assert (found["feed"]["format"], found["feed"]["language"], found["feed"]["entries"]) == ("rss20", "en", 2)


def test_a_site_with_one_feed_gives_that_one(monitor, site, config):
    done = monitor("feeds", "add", f"{site.address}/one/")

    assert done.code == 0
    assert feeds_of(config)["alpha-news"]["url"] == f"{site.address}/news.xml"


def test_a_site_with_several_feeds_lists_them_with_the_command_for_each(monitor, site, config):
    before = config.read_text()

    done = monitor("feeds", "add", site.address)

    assert (done.code, config.read_text()) == (2, before)
    assert "leads to 3 feeds" in done.out
    assert [line.split()[2:4] for line in done.out.splitlines()[2:]] == [["–", "news"], ["–", "sport"], ["–", "comments"]]
    assert done.err == "Choose one:\n" + "".join(f"  monitor feeds add {site.address}/{name}.xml\n" for name in ("news", "sport", "comments"))


def test_with_yes_the_likeliest_of_several_is_taken(monitor, site, config):
    assert monitor("feeds", "add", site.address, "--yes").code == 0

    assert list(feeds_of(config)) == ["f0", "alpha-news"]


@pytest.mark.parametrize(("typed", "added"), [pytest.param("2\n", ["alpha-sport"], id="one"), pytest.param("0\n", [], id="none")])
def test_on_a_terminal_it_asks_which_one(terminal, site, config, typed, added):
    done = terminal("feeds", "add", site.address, typed=typed)

    assert "Which one?" in done.err
    assert list(feeds_of(config)) == ["f0", *added]


def test_a_site_that_names_no_feed_is_asked_at_the_usual_places(monitor, site, config):
    site.pages["/feed"] = site.pages["/sport.xml"]

    done = monitor("feeds", "add", f"{site.address}/none/", "--json")

    assert done.json["feeds"][0]["feed"]["url"] == f"{site.address}/feed"


def test_a_site_without_feeds_is_told_so(monitor, site, config):
    done = monitor("feeds", "add", f"{site.address}/none/")

    assert (done.code, done.out) == (1, "")
    assert done.err == f"{site.address}/none/: it is no feed, and leads to none – find the address of the feed on the site, often behind an RSS sign\n"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/first.xml", id="the same"),
        pytest.param("/first.xml?utm_source=mail#top", id="another spelling"),
        pytest.param("/to-first", id="after a redirect"),
        pytest.param("/to-first-for-now", id="after one for now"),
    ],
)
def test_a_feed_that_is_watched_already_is_refused(monitor, site, config, address):
    site.feed("/first.xml")
    site.pages["/to-first"], site.pages["/to-first-for-now"] = (301, {"Location": "/first.xml"}, b""), (307, {"Location": "/first.xml"}, b"")
    before = config.read_text()

    done = monitor("feeds", "add", f"{site.address}{address}")

    assert (done.code, config.read_text()) == (1, before)
    assert done.err == f"{site.address}{address} is watched already, as f0\n"


def test_the_same_feed_twice_in_one_command_is_added_once(monitor, site, config):
    done = monitor("feeds", "add", f"{site.address}/sport.xml", f"{site.address}/moved")

    assert done.code == 1
    assert list(feeds_of(config)) == ["f0", "alpha-sport"]


def test_the_new_address_is_taken_after_a_move_for_good_and_the_old_one_after_one_for_now(monitor, site, config):
    for_good, for_now = (monitor("feeds", "add", f"{site.address}{path}", "--dry-run", "--json").json["feeds"][0] for path in ("/moved", "/for-now"))

    assert (for_good["feed"]["url"], for_good["notes"]) == (
        f"{site.address}/sport.xml",
        [f"it moved for good, so the new address is taken: {site.address}/sport.xml"],
    )
    assert (for_now["feed"]["url"], for_now["notes"]) == (f"{site.address}/for-now", [f"it leads to {site.address}/sport.xml for now"])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("/gone", "status-404 – nothing stands there any more", id="nothing there"),
        pytest.param("http://10.0.0.1/feed", "private-address (10.0.0.1) – refused, because it leads into a private network", id="A01 a private network"),
        pytest.param("http://2130706433.example.invalid:22/", "bad-port (22) – mend", id="a port of another service"),
        pytest.param("file:///etc/passwd", "bad-scheme", id="A11 a file"),
        pytest.param("javascript:alert(1)", "bad-scheme", id="A11 a script"),
        pytest.param("gopher://a.example/", "bad-scheme", id="A11 gopher"),
        pytest.param("data:text/xml,<rss/>", "bad-scheme", id="A11 data"),
    ],
)
def test_A01_A11_what_cannot_be_asked_is_one_sentence_with_advice(monitor, site, config, address, said):
    before = config.read_text()

    done = monitor("feeds", "add", address if ":" in address else site.address + address)

    assert (done.code, done.out, config.read_text()) == (1, "", before)
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_one_wrong_address_does_not_keep_the_others_out(monitor, site, config):
    done = monitor("feeds", "add", f"{site.address}/gone", f"{site.address}/sport.xml")

    assert done.code == 1
    assert list(feeds_of(config)) == ["f0", "alpha-sport"]


@pytest.mark.parametrize(
    ("asked", "url"),
    [
        pytest.param("feed://example.org/rss", "https://example.org/rss", id="A11 feed://"),
        pytest.param("feed:https://example.org/rss", "https://example.org/rss", id="A11 feed:https://"),
        pytest.param("FEED:http://example.org/rss", "http://example.org/rss", id="A11 feed:http:// stays what it says"),
        pytest.param("example.org", "https://example.org", id="a name alone"),
        pytest.param("example.org:8080/rss", "https://example.org:8080/rss", id="a name and a port"),
        pytest.param("http://example.org/", "http://example.org/", id="a whole address"),
    ],
)
def test_A11_what_people_type_becomes_an_address(asked, url):
    assert whole_address(asked)[0] == url


def test_A11_a_feed_address_is_rewritten_with_a_note(monitor, site, config):
    done = monitor("feeds", "add", f"feed:{site.address}/sport.xml")

    assert f"note: feed: is read as http: {site.address}/sport.xml\n" in done.err
    assert feeds_of(config)["alpha-sport"]["url"] == f"{site.address}/sport.xml"


def test_A15_a_look_alike_name_is_shown_with_what_is_really_asked(monitor, site, config, monkeypatch):
    async def here(self, host):
        assert host == "xn--nto-6cd.int"
        return ["127.0.0.1"]

    monkeypatch.setattr(Client, "_system_lookup", here)
    port = site.address.rpartition(":")[2]

    done = monitor("feeds", "add", f"http://nаto.int:{port}/sport.xml", "--dry-run")

    assert "note: the host is nаto.int (xn--nto-6cd.int)\n" in done.err
    assert "note: it mixes letters of several alphabets" in done.err


def test_what_a_feed_calls_itself_neither_moves_the_cursor_nor_writes_tables(monitor, site, config):
    site.feed("/evil.xml", title='\u202eevil]&#27;[31m &lt;b&gt; "\n[web]\nlisten = 1')

    done = monitor("feeds", "add", f"{site.address}/evil.xml")

    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out + done.err + config.read_text()
    assert tomllib.loads(config.read_text())["web"] == {"listen": "127.0.0.1:0"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("a.example", "--id", "a b"), "'a b' cannot be an id", id="impossible"),
        pytest.param(("a.example", "--id", "f0"), "the id 'f0' is taken", id="taken"),
        pytest.param(("a.example", "b.example", "--id", "x"), "--id is for one address", id="several addresses"),
    ],
)
def test_an_id_that_cannot_be_is_refused_before_anybody_is_asked(monitor, site, config, arguments, said):
    done = monitor("feeds", "add", *arguments)

    assert (done.code, site.asked) == (2, [])
    assert said in done.err


def test_an_address_waits_for_a_host_that_asked_to_be_left_alone(monitor, site, config):
    site.pages["/first.xml"] = (429, {"Retry-After": "600"}, b"")
    monitor("poll", "--all", "--no-deliver")

    done = monitor("feeds", "add", f"{site.address}/sport.xml")

    assert done.code == 1
    assert "on-hold" in done.err
    assert [path for path, _ in site.asked] == ["/first.xml"]


# -------------------------------------------------------------------------------------------------- check
def test_a_check_shows_each_hop_and_saves_nothing(monitor, site, config):
    site.pages["/to-news"] = (301, {"Location": "/news.xml"}, b"")

    done = monitor("feeds", "check", f"{site.address}/to-news")

    words = {" ".join(line.split()) for line in done.out.splitlines()}
    assert done.code == 0
    assert {
        "Alpha – news",
        f"asked {site.address}/to-news",
        f"301 → {site.address}/news.xml",
        'validators ETag "v1"',
        f"moved for good, to {site.address}/news.xml",
        "feed rss20 · en · 2 entries, the newest 2 h ago · 1 would match nato-ukraine",
        "problem none",
    } <= words
    assert monitor("feeds", "list", "--json").json["feeds"] == []


def test_a_check_of_all_feeds_ends_with_1_where_one_has_problems(monitor, site, config):
    text = config.read_text()
    for name in ("news", "sport", "comments"):
        text = text.replace("[topics.nato-ukraine]\n", f'[feeds.{name}]\nurl = "{site.address}/{name}.xml"\n[topics.nato-ukraine]\n', 1)
    config.write_text(text)

    done, document = monitor("feeds", "check"), monitor("feeds", "check", "--json").json

    assert done.code == 1
    assert [line.split()[:3] for line in done.out.splitlines() if line.startswith(("!", "✓"))] == [
        ["!", "f0", "404"],
        ["✓", "news", "200"],
        ["✓", "sport", "200"],
        ["✓", "comments", "200"],
    ]
    by_id = {feed["id"]: feed for feed in document["feeds"]}
    assert (by_id["f0"]["reason"], by_id["f0"]["status"], by_id["f0"]["feed"]) == ("status-404", 404, None)
    assert (by_id["news"]["etag"], by_id["news"]["problems"], by_id["news"]["feed"]["entries"]) == ('"v1"', [], 2)


@pytest.mark.parametrize(
    ("robots", "said"),
    [
        pytest.param((404, {}, b""), "may be read, says robots.txt of {site}", id="none"),
        pytest.param(
            b"User-agent: *\nDisallow: /1\nCrawl-delay: 5\n",
            "robots.txt of {site} forbids 1 of 2, which are judged by the feed's words, one every 5 s",
            id="one",
        ),
        pytest.param((500, {}, b""), "{site}/robots.txt: status-500, so none is read until it can say", id="no answer"),
    ],
)
def test_a_check_says_whether_the_pages_of_a_feed_may_be_read(monitor, site, config, robots, said):
    site.pages["/robots.txt"] = robots

    done = monitor("feeds", "check", f"{site.address}/news.xml")

    assert f"  pages       {said.format(site=site.address)}\n" in done.out
    assert done.code == 0


def test_a_check_asks_as_a_poll_would(monitor, site, config, tmp_path):
    (tmp_path / "key").write_text("SECRET")
    (tmp_path / "key").chmod(0o600)
    config.write_text(
        config.read_text().replace("[topics.nato-ukraine]\n", 'auth = { token_file = "key" }\nmax_size = { feed = "100B" }\n[topics.nato-ukraine]\n', 1)
    )
    site.feed("/first.xml")

    done = monitor("feeds", "check", "f0", "--json")

    assert site.asked[0][1]["Authorization"] == "Bearer SECRET"
    assert done.json["feeds"][0]["reason"] == "too-large"
    assert "SECRET" not in done.out


def test_a_check_of_a_page_says_that_it_is_no_feed(monitor, site, config):
    done = monitor("feeds", "check", f"{site.address}/none/")

    assert done.code == 1
    assert "not-a-feed" in done.out


def test_a_check_of_nobody_is_answered_with_the_nearest_name(monitor, config):
    done = monitor("feeds", "check", "f00")

    assert done.code == 2
    assert "did you mean 'f0'?" in done.err
