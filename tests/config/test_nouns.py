"""The configuration in the words of model.py."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import feed_settings, feeds, has_own_settings, load, parse, subscribers
from monitor.model import AlertRule, Channel, ChannelKind, DigestTimes

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>mine</title></head><body>
<outline type="rss" text="One" title="One" xmlUrl="https://one.example/feed" htmlUrl="https://www.one.example/"/>
<outline type="rss" text="News" title="News" xmlUrl="https://news.example/feed.xml"/>
</body></opml>"""


def test_a_feed_takes_what_it_leaves_out_from_polling_and_network(small: str):
    config = parse(small.replace("[topics.ukraine]", 'interval = { min = "3m" }\ntimeout = "90s"\n[topics.ukraine]'), environ={})

    (feed,) = feeds(config)
    settings = feed_settings(config, "news")

    assert (feed.interval_min_s, feed.interval_max_s) == (180, 21600)
    assert (settings.timeout, settings.adaptive, settings.backfill) == (timedelta(seconds=90), True, timedelta(hours=24))
    assert feed_settings(config, "some feed out of OPML").timeout == timedelta(seconds=30)


def test_a_backfill_of_nothing_is_not_the_usual_one(small: str):
    config = parse(small.replace("[topics.ukraine]", 'backfill = "0s"\n[topics.ukraine]'), environ={})

    assert feed_settings(config, "news").backfill == timedelta(0)


@pytest.mark.parametrize(
    ("key", "is_own"),
    [
        ('title = "The News"', False),
        ('group = "Europe"', False),
        ('timeout = "90s"', True),
        ("allow_downgrade = false", True),
        ('headers = { X-Key = "1" }', True),
    ],
)
def test_a_feed_that_only_says_what_it_is_is_asked_as_usual(small: str, key: str, is_own: bool):
    config = parse(small.replace("[topics.ukraine]", f"{key}\n[topics.ukraine]"), environ={})

    assert has_own_settings(config, "news") is is_own


def test_the_outlet_is_the_domain_of_the_site_unless_named(small: str):
    feeds_text = """[feeds.a]
url = "https://feeds.example.net/a"
site = "https://www.paper.example.org/"
[feeds.b]
url = "https://feeds.example.net/b"
outlet = "The Paper"
"""
    assert [feed.outlet for feed in feeds(parse(small + feeds_text, environ={}))][1:] == ["example.org", "The Paper"]


def test_feeds_out_of_opml_follow_and_never_repeat_one_of_the_file(small: str, tmp_path: Path):
    (tmp_path / "mine.opml").write_text(OPML)
    (tmp_path / "config.toml").write_text(small + '[opml]\nfile = "mine.opml"\n')

    listed = feeds(load(tmp_path / "config.toml", environ={}))

    assert [(feed.url, feed.title) for feed in listed] == [("https://news.example/feed.xml", ""), ("https://one.example/feed", "One")]


def test_a_subscriber_is_carried_over_whole(small: str, tmp_path: Path):
    text = (
        small.split("[subscribers.desk]")[0].replace("version = 1", 'version = 1\ntimezone = "Europe/Kyiv"')
        + """\
[subscribers.desk]
topics = ["ukraine"]
language = "uk"
digest = { at = ["17:00", "07:30"], days = "fri-mon", when_empty = "note" }
alert = { min_score = 0.8, max_per_hour = 4, quiet = "22:00-06:30", break_through = 0.95, settle = "10s" }
channels = [{ file = "out", only = "digests" }]
"""
    )
    (tmp_path / "config.toml").write_text(text)

    (desk,) = subscribers(load(tmp_path / "config.toml", environ={}))

    assert (desk.id, desk.topics, desk.timezone, desk.language) == ("desk", ("ukraine",), "Europe/Kyiv", "uk")
    assert desk.digest == DigestTimes(at=("07:30", "17:00"), weekdays=(0, 4, 5, 6), when_empty="note")
    assert desk.alert == AlertRule(min_score=0.8, max_per_hour=4, quiet=("22:00", "06:30"), break_through=0.95, settle_s=10)
    assert desk.channels == (Channel(key=f"file:{tmp_path}/out", kind=ChannelKind.FILE, address=f"{tmp_path}/out", only="digests"),)


def test_topics_come_compiled(small: str):
    assert len(parse(small, environ={}).found.topics) == 1
