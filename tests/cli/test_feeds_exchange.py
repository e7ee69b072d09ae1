"""`monitor feeds import` and `export`: lists of feeds, to and from other readers, and no harm out of them."""

import tomllib

import pytest
from loopback import write_config

from monitor.config import load
from monitor.config.exchange import opml_feeds
from monitor.config.schema import FeedTable
from monitor.feeds.opml import SETTINGS

REST = """version = 1
[network]
contact = "desk@example.org"
allow_private = ["10.20.0.0/16", "127.0.0.0/8"]
[topics.t]
rule = "g"
groups.g = { terms = ["ukrain*"] }
[subscribers.s]
topics = ["t"]
alert = {}
channels = [{ file = "" }]
"""
FEEDS = """
[feeds.rada]
url = "https://rada.example.ua/rss?a=1&b=2"
title = 'The "Rada" <&> Верховна'
site = "https://rada.example.ua/"
language = "uk"
outlet = "rada.example.ua"
group = "Europe/Press rooms"
interval = { min = "3m", max = "30m", adaptive = false }
backfill = "2d"
flood = 0
retry_after = "feed"
disable_after = "30d"
allow_downgrade = true
timeout = "90s"
max_size = { feed = "9MiB", page = "1MiB" }
[feeds.nato]
url = "https://nato.example.int/rss"
group = "Europe"
[feeds.plain]
url = "http://plain.example.org/"
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(REST + FEEDS, encoding="utf-8")
    return path


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "empty.toml"
    path.write_text(f"# mine\n{REST}# the end\n", encoding="utf-8")
    return path


def opml(*outlines: str) -> str:
    return f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'


def feeds_of(path):
    return tomllib.loads(path.read_text("utf-8"))["feeds"]


def by_id(exported):
    return {feed["id"]: feed for feed in exported.json["feeds"]}


# ------------------------------------------------------------------------------------------- there and back
def test_C59_an_export_imported_into_an_empty_watch_gives_the_same_feeds_groups_and_settings(monitor, config, empty):
    exported = monitor("--config", config, "feeds", "export")

    done = monitor("--config", empty, "feeds", "import", "--yes", stdin=exported.out)

    assert (exported.code, exported.err, done.code) == (0, "", 0)
    assert feeds_of(empty) == feeds_of(config)
    assert empty.read_text("utf-8").startswith(f"# mine\n{REST}# the end\n"), "the rest of the file is as it was"
    assert by_id(monitor("--config", empty, "feeds", "export", "--json")) == by_id(monitor("--config", config, "feeds", "export", "--json"))


def test_C59_no_secret_and_no_place_of_a_secret_is_exported():
    told = {key for key in FeedTable.model_fields if key not in ("url", "title", "site", "language", "group")}

    exported = {setting.partition(".")[0] for setting in SETTINGS}

    assert told - exported == {"auth", "headers"}, "a new key of [feeds.ID] is either exported, or named here with the secrets"
    assert not any(word in setting for setting in SETTINGS for word in ("file", "env", "credential", "secret", "password", "token"))


def test_C59_credentials_stay_where_they_are(monitor, config):
    (config.parent / "key").write_text("SECRET")
    (config.parent / "key").chmod(0o600)
    config.write_text(config.read_text("utf-8") + 'auth = { username = "me", password_file = "key" }\nheaders = { X-Key = "HIDDEN" }\n', encoding="utf-8")

    done, listed = monitor("--config", config, "feeds", "export", "--json"), monitor("--config", config, "feeds", "export")

    assert (done.code, listed.code) == (0, 0)
    assert not any(word in done.out + listed.out for word in ("SECRET", "HIDDEN", "password", "key", "auth", '"me"'))


def test_the_feeds_of_the_opml_file_are_exported_too(monitor, config):
    (config.parent / "more.opml").write_text(opml('<outline text="G"><outline text="More" xmlUrl="https://more.example/"/></outline>'))
    config.write_text(config.read_text("utf-8") + '[opml]\nfile = "more.opml"\n', encoding="utf-8")

    last = opml_feeds(load(config))[-1]

    assert (last.url, last.title, last.group) == ("https://more.example/", "More", "G")
    assert monitor("--config", config, "feeds", "export", "--json").json["feeds"][-1]["id"] == last.id


def test_an_export_goes_into_a_file(monitor, config):
    done = monitor("--config", config, "feeds", "export", "--out", "out.opml")

    assert done.out == "wrote 3 feeds to out.opml\n"
    assert (config.parent / "out.opml").read_text("utf-8").count("xmlUrl=") == 3


def test_a_list_of_another_reader_is_imported_with_its_groups(monitor, empty):
    given = opml(
        '<outline text="World"><outline text="NATO News" xmlUrl="https://nato.example.int/rss" htmlUrl="https://nato.example.int/" category="x"/></outline>'
    )

    monitor("--config", empty, "feeds", "import", "--yes", stdin=given)

    ((name, feed),) = feeds_of(empty).items()
    assert name.startswith("nato-news-")
    assert feed == {"url": "https://nato.example.int/rss", "title": "NATO News", "site": "https://nato.example.int/", "group": "World"}


# -------------------------------------------------------------------------------------------- first the list
def test_without_yes_the_list_is_shown_and_nothing_is_written(monitor, empty):
    before = empty.read_text("utf-8")

    done = monitor("--config", empty, "feeds", "import", "-", stdin=opml('<outline xmlUrl="https://a.example/"/>'))
    dry = monitor("--config", empty, "feeds", "import", "--dry-run", stdin=opml('<outline xmlUrl="https://a.example/"/>'))

    assert (done.code, dry.code) == (2, 0)
    assert "https://a.example/" in done.out
    assert "To import it: monitor feeds import - --yes\n" in done.err
    assert "Nothing was written." in dry.err
    assert empty.read_text("utf-8") == before


@pytest.mark.parametrize(("typed", "code", "count"), [pytest.param("y\n", 0, 1, id="yes"), pytest.param("n\n", 2, 0, id="no")])
def test_on_a_terminal_it_asks(terminal, empty, tmp_path, typed, code, count):
    (tmp_path / "list.opml").write_text(opml('<outline xmlUrl="https://a.example/"/>'))

    done = terminal("--config", empty, "feeds", "import", "list.opml", typed=typed)

    assert "Import 1 feed?" in done.err
    assert (done.code, empty.read_text("utf-8").count("https://a.example/")) == (code, count)


def test_what_is_there_and_what_is_twice_in_the_list_is_named(monitor, config):
    given = opml(
        '<outline text="Known" xmlUrl="http://PLAIN.example.org:80/#x"/>',
        '\n<outline text="A" xmlUrl="https://a.example/"/>',
        '\n<outline text="B" xmlUrl="https://a.example/?utm_source=x"/>',
    )

    done = monitor("--config", config, "feeds", "import", "--yes", "--json", stdin=given)

    assert [(line["title"], line["status"], line["detail"]) for line in done.json["feeds"]] == [
        ("Known", "known", "as plain"),
        ("A", "new", ""),
        ("B", "duplicate", "line 3: is in the list already"),
    ]
    assert list(feeds_of(config)) == ["rada", "nato", "plain", done.json["feeds"][1]["id"]]


def test_importing_twice_adds_nothing(monitor, config):
    before = config.read_text("utf-8")
    exported = monitor("--config", config, "feeds", "export").out

    done = monitor("--config", config, "feeds", "import", "--yes", stdin=exported)

    assert (done.code, config.read_text("utf-8")) == (0, before)


def test_ids_that_are_taken_or_impossible_are_made_anew(monitor, config):
    ours = 'xmlns:monitor="urn:x-newsmonitor:opml:1"'
    given = opml(
        f'<outline {ours} title="A" monitor:id="nato" xmlUrl="https://a.example/"/>',
        f'<outline {ours} title="B" monitor:id="../b" xmlUrl="https://b.example/"/>',
    )

    monitor("--config", config, "feeds", "import", "--yes", stdin=given)

    assert [name.rpartition("-")[0] for name in list(feeds_of(config))[3:]] == ["a", "b"]


def test_settings_that_make_no_sense_are_left_out_and_named(monitor, empty):
    given = opml(
        '<outline xmlns:x="urn:x-newsmonitor:opml:1" x:id="a" title="A" language="en_US.utf8" x:interval-min="often" x:interval-max="1h" x:backfill="5" xmlUrl="https://a.example/"/>'
    )

    done = monitor("--config", empty, "feeds", "import", "--yes", "--json", stdin=given)

    assert feeds_of(empty) == {"a": {"url": "https://a.example/", "title": "A", "interval": {"max": "1h"}}}
    assert all(name in done.json["feeds"][0]["detail"] for name in ("language", "interval.min", "backfill"))


# ------------------------------------------------------------------------------------------------- attacks
@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://127.0.0.1:6379/", id="A62 A01 loopback and a service port"),
        pytest.param("http://169.254.169.254/latest/meta-data", id="A62 A02 metadata"),
        pytest.param("http://[::ffff:10.0.0.1]/feed", id="A62 A04 mapped"),
        pytest.param("http://0x7f.1/", id="A62 A03 hexadecimal"),
        pytest.param("http://10.0.0.1/feed", id="A62 private network"),
        pytest.param("https://user:secret@a.example/", id="A62 a login"),
        pytest.param("file:///etc/passwd", id="A62 A11 a file"),
        pytest.param("javascript:alert(1)", id="A62 A11 a script"),
        pytest.param("gopher://a.example/", id="A62 A11 gopher"),
    ],
)
def test_A62_A11_an_address_that_must_not_be_asked_is_refused_and_the_others_come(monitor, empty, address):
    empty.write_text(empty.read_text("utf-8").replace('"127.0.0.0/8"', '"127.9.0.0/16"'), encoding="utf-8")

    done = monitor(
        "--config", empty, "feeds", "import", "--yes", "--json", stdin=opml(f'<outline xmlUrl="{address}"/>', '<outline xmlUrl="https://a.example/"/>')
    )

    assert done.code == 1
    assert sorted(line["status"] for line in done.json["feeds"]) == ["new", "refused"]
    assert [feed["url"] for feed in feeds_of(empty).values()] == ["https://a.example/"]


def test_A62_networks_that_the_operator_allowed_may_be_imported(monitor, empty):
    monitor("--config", empty, "feeds", "import", "--yes", stdin=opml('<outline xmlUrl="http://10.20.1.1/feed"/>'))

    assert [feed["url"] for feed in feeds_of(empty).values()] == ["http://10.20.1.1/feed"]


def test_A11_feed_addresses_become_what_they_stand_for(monitor, empty):
    monitor("--config", empty, "feeds", "import", "--yes", stdin=opml('<outline xmlUrl="feed://a.example/1"/>', '<outline xmlUrl="feed:https://a.example/2"/>'))

    assert [feed["url"] for feed in feeds_of(empty).values()] == ["https://a.example/1", "https://a.example/2"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(b"<opml>" + b" " * (5 * 1024 * 1024), "bytes are too many", id="A62 too large"),
        pytest.param(opml("".join(f'<outline xmlUrl="https://e.org/{n}"/>' for n in range(5001))).encode(), "more than 5000 feeds", id="A62 too many"),
        pytest.param(opml('<outline xmlUrl="https://e.org/"/>' * 100_000).encode(), "more than 5000 feeds", id="A62 the same one for ever"),
        pytest.param(opml("<outline>" * 10_000).encode(), "more than 32 elements", id="A62 too deep"),
        pytest.param(
            b'<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><opml><body><outline text="&b;" xmlUrl="https://e.org/"/></body></opml>',
            "a DOCTYPE is not taken",
            id="A62 entity bomb",
        ),
        pytest.param(b"<html/>", "<html> where <opml> was expected", id="a page"),
    ],
)
def test_A62_a_hostile_list_is_refused_as_a_whole(monitor, empty, given, said):
    before = empty.read_text("utf-8")

    done = monitor("--config", empty, "feeds", "import", "--yes", stdin=given)

    assert (done.code, done.out) == (65, "")
    assert said in done.err
    assert empty.read_text("utf-8") == before


def test_A62_a_file_without_end_is_read_only_as_far_as_a_list_may_be(monitor, empty):
    done = monitor("--config", empty, "feeds", "import", "/dev/zero", "--yes")

    assert done.code == 65
    assert "bytes are too many" in done.err


def test_A62_a_list_cannot_bring_the_name_of_a_secret_or_any_other_key(monitor, empty):
    given = opml(
        '<outline xmlns:x="urn:x-newsmonitor:opml:1" x:id="a" x:password-file="/etc/passwd" x:password_env="HOME" x:url="http://10.0.0.1" x:allow-private="x" xmlUrl="https://a.example/"/>'
    )

    monitor("--config", empty, "feeds", "import", "--yes", stdin=given)

    assert feeds_of(empty) == {"a": {"url": "https://a.example/"}}


def test_A62_a_title_cannot_write_into_the_file(monitor, empty):
    given = opml('<outline title="x&#10;[web]&#10;listen = &quot;0.0.0.0:1&quot;" text="y" xmlUrl="https://a.example/&quot;&#39;"/>')

    done = monitor("--config", empty, "feeds", "import", "--yes", stdin=given)

    tables = tomllib.loads(empty.read_text("utf-8"))
    assert done.code == 0
    assert "web" not in tables
    assert len(tables["feeds"]) == 1


# ------------------------------------------------------------------------------------------ from the network
def test_a_list_is_taken_from_an_address(monitor, web, tmp_path):
    config = write_config(tmp_path, web, "/f.xml")
    web.pages["/list.opml"] = opml('<outline xmlUrl="https://a.example/"/>').encode()

    done = monitor("--config", config, "feeds", "import", f"{web.address}/list.opml", "--yes")

    assert done.code == 0
    assert feeds_of(config).popitem()[1] == {"url": "https://a.example/"}


def test_A19_A62_an_address_of_a_list_goes_through_the_guard(monitor, web, empty):
    empty.write_text(empty.read_text("utf-8").replace('"127.0.0.0/8"', '"127.9.0.0/16"'), encoding="utf-8")

    done = monitor("--config", empty, "feeds", "import", f"{web.address}/list.opml", "--yes")

    assert done.code == 65
    assert "private-address" in done.err
    assert web.asked == []


def test_A62_a_list_from_an_address_is_bounded_too(monitor, web, tmp_path):
    config = write_config(tmp_path, web, "/f.xml")
    web.pages["/list.opml"] = b" " * (5 * 1024 * 1024 + 1)

    done = monitor("--config", config, "feeds", "import", f"{web.address}/list.opml", "--yes")

    assert done.code == 65
    assert "too-large" in done.err
