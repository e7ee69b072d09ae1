"""What `monitor check` says of a configuration, and what it makes of a good one."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load, parse
from monitor.config.checks import _slow_patterns
from monitor.errors import Complaint, ConfigError
from monitor.matcher.score import Pair, Places

HERE = "config.toml"


def complaints(text: str, **environ: str) -> list[Complaint]:
    with pytest.raises(ConfigError) as raised:
        parse(text, environ=environ)
    return raised.value.complaints


def told(text: str, **environ: str) -> list[tuple[str, int | None, str]]:
    return [(complaint.file, complaint.line, complaint.key) for complaint in complaints(text, **environ)]


@pytest.mark.parametrize(
    ("added", "line", "key", "message", "hint"),
    [
        pytest.param("[pollin]", 13, "pollin", "unknown key", '"polling"', id="unknown table"),
        pytest.param("[polling]\nconcurency = 3", 14, "polling.concurency", "unknown key", '"concurrency"', id="unknown key"),
        pytest.param("[web]\nretention = 3", 14, "web.retention", "unknown key", "known here: listen, public_url", id="unknown key like no other"),
        pytest.param('[polling]\ntimeout = "3s"', 14, "polling.timeout", "unknown key", "[network]", id="key of another table"),
        pytest.param("[polling]\nbackfill = 15", 14, "polling.backfill", "has no unit", '"15m"', id="duration as a bare number"),
        pytest.param('[polling]\nbackfill = "15"', 14, "polling.backfill", "has no unit", '"15m"', id="duration without unit"),
        pytest.param('[polling]\nbackfill = "15 moons"', 14, "polling.backfill", "not a unit", "ms, s, m, h, d, w", id="duration with an odd unit"),
        pytest.param('[polling]\ninterval = { min = "0s" }', 14, "polling.interval.min", "longer than nothing", '"15m"', id="no time at all"),
        pytest.param('[polling]\ninterval = { min = "7h" }', 14, "polling.interval.max", "below min", "at least as long", id="max below min"),
        pytest.param("[storage]\nkeep = { articles = 365 }", 14, "storage.keep.articles", "has no unit", '"365s"', id="inline table"),
        pytest.param('[polling]\nconcurrency = "64"', 14, "polling.concurrency", "whole number", "without quotes", id="number in quotes"),
        pytest.param("[polling]\nconcurrency = 0", 14, "polling.concurrency", "at least 1", "from 1 to 1000", id="number out of range"),
        pytest.param('[articles]\nfetch = "candidate"', 14, "articles.fetch", "not a choice", '"candidates"', id="nearly a choice"),
        pytest.param('[articles]\nfetch = "sometimes"', 14, "articles.fetch", "not a choice", '"candidates", "all", "never"', id="no choice"),
        pytest.param('[storage]\nurl = "mysql://db"', 14, "storage.url", "not a database address", "postgresql://", id="another database"),
        pytest.param('[web]\nlisten = "8321"', 14, "web.listen", "not an address to listen on", "127.0.0.1:8321", id="port without host"),
        pytest.param(
            '[web]\npublic_url = "monitor.example.org"', 14, "web.public_url", "not an http or https address", "https://", id="address without scheme"
        ),
        pytest.param('[opml]\nfile = "nowhere.opml"', 14, "opml.file", "cannot be read", "beside config.toml", id="missing OPML file"),
        pytest.param('[feeds.ftp]\nurl = "ftp://x.example/f"', 14, "feeds.ftp.url", "not an http or https address", "https://", id="feed by ftp"),
        pytest.param('[feeds.login]\nurl = "https://me:pw@x.example/f"', 14, "feeds.login.url", "user name", "leave out", id="feed with a login"),
        pytest.param('[feeds.again]\nurl = "https://news.example/feed.xml"', 14, "feeds.again.url", '"news"', "remove one", id="the same feed twice"),
        pytest.param("[feeds.empty]", 13, "feeds.empty.url", "is missing", "add url =", id="feed without address"),
        pytest.param('[feeds."my feed"]\nurl = "https://x.example/f"', 13, 'feeds."my feed"', "cannot be an id", "letters", id="id with a blank"),
        pytest.param(
            '[feeds]\nfast = { url = "https://x.example/f", interval = { max = "1m" } }',
            14,
            "feeds.fast.interval.max",
            "below min",
            "both min and max",
            id="feed's max below the usual min",
        ),
        pytest.param('[sites."https://x.example/"]', 13, 'sites."https://x.example/"', "not a host name", "example.com", id="site by address"),
        pytest.param('[topics.empty]\nrule = "a"', 13, "topics.empty.groups", "without groups", "[topics.empty.groups]", id="topic without groups"),
        pytest.param('[topics.t]\nrule = "a"\ngroups.a = { terms = [] }', 15, "topics.t.groups.a.terms", "no terms", "terms =", id="group without terms"),
        pytest.param('[topics.t]\nrule = ""\ngroups.a = { terms = ["x"] }', 14, "topics.t.rule", "may not be empty", "rule =", id="empty rule"),
        pytest.param('[topics.t]\nrule = "a AND"\ngroups.a = { terms = ["x"] }', 14, "topics.t.rule", "at column", "", id="rule that breaks off"),
        pytest.param('[topics.t]\nrule = "(a"\ngroups.a = { terms = ["x"] }', 14, "topics.t.rule", "at column 1", "", id="unclosed parenthesis"),
        pytest.param('[topics.t]\nrule = "nato"\ngroups.a = { terms = ["x"] }', 14, "topics.t.rule", "nato", "", id="rule with an unknown group"),
        pytest.param(
            '[topics.t]\nrule = "a"\ndigest_at = 6\ngroups.a = { terms = ["x"] }',
            15,
            "topics.t.digest_at",
            "at most 1",
            "between 0 and 1",
            id="score above one",
        ),
        pytest.param(
            '[topics.t]\nrule = "a"\nalert_at = 0.1\ngroups.a = { terms = ["x"] }',
            15,
            "topics.t.alert_at",
            "below digest_at",
            "at least digest_at",
            id="alerts below digests",
        ),
        pytest.param('[smtp]\nhost = "mail.example"', 13, "smtp.from", "is missing", "add from =", id="mail without sender"),
        pytest.param(
            '[smtp]\nhost = "mail.example"\nfrom = "a@b.example"\nsecurity = "none"', 16, "smtp.security", "in the clear", '"starttls"', id="mail in the clear"
        ),
        pytest.param(
            '[smtp]\nhost = "::1"\nfrom = "a@b.example"\nusername = "me"',
            16,
            "smtp.username",
            "needs a password",
            "password_file",
            id="username without password",
        ),
        pytest.param('[smtp]\nhost = "::1"\nfrom = "a at b"', 15, "smtp.from", "not a sender", "<monitor@example.org>", id="sender that is none"),
    ],
)
def test_every_complaint_has_its_place_and_its_advice(small: str, added: str, line: int, key: str, message: str, hint: str):
    found = [complaint for complaint in complaints(small + added) if complaint.key == key]

    assert [(complaint.file, complaint.line) for complaint in found] == [(HERE, line)], complaints(small + added)
    assert message in found[0].message
    assert hint in found[0].hint


@pytest.mark.parametrize(
    ("was", "is_now", "line", "key", "message", "hint"),
    [
        pytest.param("version = 1", "version = 2", 1, "version", "2 is not a version", "write version = 1", id="version of the future"),
        pytest.param("version = 1\n", "\n", 1, "version", "is missing", "add version = 1", id="no version"),
        pytest.param("version = 1", 'version = 1\ntimezone = "Europe/Kyjv"', 2, "timezone", "not a time zone", '"Europe/Kyiv"', id="time zone"),
        pytest.param(
            "[network]",
            '[network]\nallow_private = ["10.20.0.1/16"]',
            3,
            "network.allow_private[0]",
            "not a network",
            '"10.20.0.0/16"',
            id="CIDR with host bits",
        ),
        pytest.param(
            "[network]", '[network]\nallow_private = ["home"]', 3, "network.allow_private[0]", "not a network", '"10.20.0.0/16"', id="CIDR that is none"
        ),
        pytest.param("[network]", "[network]\nmax_size = { feed = 5 }", 3, "network.max_size.feed", "has no unit", '"5MiB"', id="size as a bare number"),
        pytest.param("[network]", '[network]\nmax_size = { feed = "5 apples" }', 3, "network.max_size.feed", "not a unit", "mib", id="size with an odd unit"),
        pytest.param('topics = ["ukraine"]', 'topics = ["ukrain"]', 10, "subscribers.desk.topics[0]", 'no topic "ukrain"', '"ukraine"', id="unknown topic"),
        pytest.param(
            "min_score = 0.8", "min_score = 12", 11, "subscribers.desk.alert.min_score", "at most 1", "between 0 and 1", id="score of another program"
        ),
        pytest.param("min_score = 0.8", 'quiet = "22-7"', 11, "subscribers.desk.alert.quiet", "not a time", '"07:30"', id="quiet hours without minutes"),
        pytest.param(
            "min_score = 0.8", 'quiet = "22:00-22:00"', 11, "subscribers.desk.alert.quiet", "same time", "leave quiet out", id="quiet hours of no length"
        ),
        pytest.param(
            "alert = { min_score = 0.8 }", 'digest = { at = ["7:30"] }', 11, "subscribers.desk.digest.at[0]", "not a time", '"07:30"', id="time with one digit"
        ),
        pytest.param(
            "alert = { min_score = 0.8 }",
            "digest = { at = [] }",
            11,
            "subscribers.desk.digest.at",
            "may not be empty",
            'at = ["07:30"]',
            id="digest at no time",
        ),
        pytest.param(
            "alert = { min_score = 0.8 }",
            'digest = { at = ["07:30"], days = "workdays" }',
            11,
            "subscribers.desk.digest.days",
            "not a day",
            '"mon-fri"',
            id="days",
        ),
        pytest.param("alert = { min_score = 0.8 }\n", "", 9, "subscribers.desk.digest", "hears neither", "alert = {}", id="subscriber who hears nothing"),
        pytest.param('{ file = "" }', "", 12, "subscribers.desk.channels", "may not be empty", "channels = [", id="subscriber without channel"),
        pytest.param('{ file = "" }', '"desk@example.org"', 12, "subscribers.desk.channels[0]", "must be a table", "{ key = value }", id="channel as text"),
        pytest.param(
            '{ file = "" }', '{ only = "alerts" }', 12, "subscribers.desk.channels[0]", "no kind of channel", "email, webhook and file", id="channel of no kind"
        ),
        pytest.param(
            '{ file = "" }',
            '{ file = "", webhook = "https://x.example/" }',
            12,
            "subscribers.desk.channels[0]",
            "webhook and file",
            "one of",
            id="channel of two kinds",
        ),
        pytest.param('{ file = "" }', '{ file = "" },\n{ file = "" }', 13, "subscribers.desk.channels[1]", "same channel", "remove one", id="channel twice"),
        pytest.param(
            '{ file = "" }',
            '{ file = "" },\n{ ntfy = "x" }',
            13,
            "subscribers.desk.channels[1].ntfy",
            "not built yet",
            "email, webhook or file",
            id="channel of a later version",
        ),
        pytest.param(
            '{ file = "" }', '{ email = "desk@example.org" }', 12, "subscribers.desk.channels[0].email", "needs a server", "[smtp]", id="mail without server"
        ),
        pytest.param(
            '{ file = "" }', '{ email = "desk" }', 12, "subscribers.desk.channels[0].email", "not a mail address", "desk@example.org", id="mail address"
        ),
        pytest.param(
            '{ file = "" }', '{ file = "", secret_env = "S" }', 12, "subscribers.desk.channels[0].secret_env", "only webhooks", "remove it", id="signed file"
        ),
    ],
)
def test_a_changed_line_is_complained_about_where_it_stands(small: str, was: str, is_now: str, line: int, key: str, message: str, hint: str):
    assert was in small
    found = complaints(small.replace(was, is_now))

    assert [(complaint.file, complaint.line, complaint.key) for complaint in found] == [(HERE, line, key)]
    assert message in found[0].message
    assert hint in found[0].hint


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        pytest.param("version = 1\n[smtp]\nhost = mail.example\n", 3, "smtp.host", "not a value", id="text without quotes"),
        pytest.param("version = 1\n[polling]\nbackfill = 15m\n", 3, "polling.backfill", "follows the value", id="duration without quotes"),
        pytest.param("version = 1\n[smtp]\nport 587\n", 3, "smtp.port", 'no "="', id="no equals sign"),
        pytest.param("version = 1\n[smtp\nport = 587\n", 2, "smtp", "header is not closed", id="open header"),
        pytest.param('version = 1\n[web]\nlisten = "127.0.0.1:1\n', 3, "web.listen", "quote is not closed", id="open quote"),
        pytest.param('version = 1\n[web]\nlisten = """127.0.0.1:1\n', 3, "web.listen", "quote is not closed", id="open long quote"),
        pytest.param("version = 1\nfeeds = [\n1,\n2\n", 2, "feeds", "list is not closed", id="open list"),
        pytest.param("version = 1\nversion = 1\n", 2, "version", "given twice", id="key twice"),
        pytest.param("version = 1\n[web]\n[smtp]\n[web]\n", 4, "smtp", "opened twice", id="table twice"),
        pytest.param("= 1\n", 1, "", "", id="nothing right"),
        pytest.param("a = " + "[" * 5000, 1, "", "nested too deeply", id="nested too deeply"),
    ],
)
def test_broken_toml_is_shown_where_it_stops_making_sense(text: str, line: int, key: str, message: str):
    (found,) = complaints(text)

    assert (found.line, message in found.message, bool(found.hint)) == (line, True, True), found
    assert found.key.startswith(key)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(small: str):
    text = (
        small.replace("version = 1", 'version = 1\ntimezone = "Mars/Olympus"')
        + """\
[polling]
backfill = 15
concurency = 3
[feeds.again]
url = "https://news.example/feed.xml"
titel = "Again"
[topics.empty]
rule = "a"
[subscribers.night]
topics = ["sleep"]
digest = { at = ["25:00"] }
channels = [
  { email = "night@example.org" },
  { webhook = "https://hooks.example/x", secret_file = "nowhere" },
]
"""
    )

    assert told(text, MONITOR__WEB__LISTN="x", MONITOR__ARTICLES__CONCURRENCY="0") == [
        (HERE, 2, "timezone"),
        (HERE, 15, "polling.backfill"),
        (HERE, 16, "polling.concurency"),
        (HERE, 18, "feeds.again.url"),
        (HERE, 19, "feeds.again.titel"),
        (HERE, 20, "topics.empty.groups"),
        (HERE, 23, "subscribers.night.topics[0]"),
        (HERE, 24, "subscribers.night.digest.at[0]"),
        (HERE, 26, "subscribers.night.channels[0].email"),
        (HERE, 27, "subscribers.night.channels[1].secret_file"),
        ("MONITOR__ARTICLES__CONCURRENCY", None, "articles.concurrency"),
        ("MONITOR__WEB__LISTN", None, "web.listn"),
    ]


def test_a_complaint_does_not_mirror_another(small: str):
    """[smtp] is there, if wrong; so the mail channel is not told that it is missing."""
    text = small.replace('{ file = "" }', '{ email = "desk@example.org" }') + "[smtp]\nhost = 3\n"

    assert told(text) == [(HERE, 13, "smtp.from"), (HERE, 14, "smtp.host")]


def test_every_bad_term_is_told_with_the_rule_that_is_bad_too(small: str):
    text = (
        small
        + """\
[topics.t]
rule = "a AND (b"
[topics.t.groups]
a = { terms = [
  "fine",
  "inn*er",
  "re:(x",
  "re:(a+)+$",
] }
b = { terms = [] }
"""
    )

    assert told(text) == [
        (HERE, 14, "topics.t.rule"),
        (HERE, 18, "topics.t.groups.a.terms[1]"),
        (HERE, 19, "topics.t.groups.a.terms[2]"),
        (HERE, 20, "topics.t.groups.a.terms[3]"),
        (HERE, 22, "topics.t.groups.b.terms"),
    ]


def test_a_pair_of_a_misspelt_group_names_the_nearest(small: str):
    text = small + '[topics.t]\nrule = "nato"\nnear = [\n  { groups = ["nato", "arms"] },\n  { groups = ["nato", "arm"] },\n]\n'
    text += '[topics.t.groups]\nnato = { terms = ["nato"] }\narms = { terms = ["tank*"] }\n'

    (complaint,) = complaints(text)

    assert (complaint.line, complaint.key, complaint.hint) == (17, "topics.t.near[1].groups[1]", 'did you mean "arms"?')


def test_a_group_that_changes_nothing_is_warned_of(small: str):
    text = (
        small
        + """\
[topics.t]
rule = "a AND NOT b"
near = [{ groups = ["a", "c"] }]
[topics.t.groups]
a = { weight = 0, terms = ["a"] }
b = { weight = 0, terms = ["b"] }
c = { weight = 0, terms = ["c"] }
d = { weight = 0, terms = ["d"] }
e = { weight = 0.5, terms = ["e"] }
"""
    )

    idle = [warning.key for warning in parse(text, environ={}).warnings if "does nothing" in warning.message]

    assert idle == ["topics.t.groups.d"]


def test_words_behind_the_lead_may_not_weigh_more_than_those_in_it(small: str):
    (complaint,) = complaints(small + '[topics.t]\nrule = "a"\nplaces = { lead = 0.5, body = 0.75 }\ngroups.a = { terms = ["x"] }\n')

    assert (complaint.line, complaint.key, complaint.message) == (15, "topics.t.places.body", "0.75 is more than lead = 0.5")


def test_what_a_score_is_made_of_reaches_the_topic(small: str):
    text = (
        small
        + """\
[topics.t]
rule = "a AND b"
bias = -1.5
places = { body = 0.25 }
near = [{ groups = ["a", "b"], words = 9, weight = 2 }]
[topics.t.groups]
a = { weight = 2, terms = ["x"] }
b = { terms = ["y"] }
"""
    )

    *_, topic = parse(text, environ={}).found.topics

    assert (topic.bias, topic.places, topic.near) == (-1.5, Places(body=0.25), (Pair(left="a", right="b", words=9, weight=2.0),))


def test_a_pattern_that_takes_too_long_is_told_with_its_place(small: str):
    config = parse(small + '[topics.t]\nrule = "a"\ngroups.a = { terms = ["x", "re:[a-z]{1,9}?b"] }\n', environ={})
    *_, topic = config.found.topics

    assert list(_slow_patterns(("topics", "t"), config.topics["t"], topic)) == []
    (slow,) = _slow_patterns(("topics", "t"), config.topics["t"], topic, budget_ms=0.0)
    assert (slow.path, slow.message) == (("topics", "t", "groups", "a", "terms", 1), "takes longer than 0 ms on a text made against it")


def test_a_misspelt_key_hides_no_other_mistake(small: str):
    topic = '[topics.t]\ntitel = "T"\nrule = "a"\nalert_at = 0.1\ngroups.a = { terms = ["x"] }\n'
    smtp = '[smtp]\nhost = "::1"\nfrom = "a@b.example"\nusrname = "me"\npassword_env = "P"'

    assert told(small + topic + smtp) == [
        (HERE, 14, "topics.t.titel"),
        (HERE, 16, "topics.t.alert_at"),
        (HERE, 21, "smtp.usrname"),
        (HERE, 22, "smtp.password_env"),
    ]


def test_a_table_that_lacks_two_keys_takes_no_other_with_it(small: str):
    text = small + '[subscribers.empty]\n[subscribers.other]\ntopics = ["x"]\nalert = {}\nchannels = [{ file = "" }]\n'

    assert told(text) == [(HERE, 13, "subscribers.empty.channels"), (HERE, 13, "subscribers.empty.topics"), (HERE, 15, "subscribers.other.topics[0]")]


def test_what_is_left_out_has_a_default(small: str):
    config = parse(small, environ={})

    assert config.timezone == "UTC"
    assert config.network.timeout == timedelta(seconds=30)
    assert config.network.max_size.feed == 5 * 2**20
    assert config.polling.interval.max == timedelta(hours=6)
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8321)


def test_mail_over_implicit_tls_has_its_own_port(small: str):
    smtp = '[smtp]\nhost = "mail.example"\nfrom = "a@b.example"\n'

    assert parse(small + smtp, environ={}).smtp.port == 587
    assert parse(small + smtp + 'security = "tls"', environ={}).smtp.port == 465


def test_a_watch_that_publishers_cannot_answer_is_warned_about_not_refused(small: str):
    config = parse(small.replace('contact = "desk@example.org"', "") + "notices = true", environ={})

    (warning,) = config.warnings
    assert (warning.line, warning.key) == (2, "network.contact")
    assert "about" in warning.hint


def test_an_unsigned_webhook_is_warned_about(small: str):
    config = parse(small.replace('{ file = "" }', '{ webhook = "https://hooks.example/x" }') + "notices = true", environ={})

    assert [(warning.line, warning.key) for warning in config.warnings] == [(12, "subscribers.desk.channels[0].webhook")]


def test_feeds_whose_end_nobody_hears_of_are_warned_about(small: str):
    silent, heard = parse(small, environ={}), parse(small + "notices = true", environ={})

    assert [(warning.line, warning.key) for warning in silent.warnings] == [(9, "subscribers.desk")]
    assert "notices = true" in silent.warnings[0].hint
    assert heard.warnings == ()


def test_a_watch_of_nothing_is_warned_about():
    assert [warning.key for warning in parse("version = 1", environ={}).warnings] == ["feeds", "network.contact", "subscribers", "topics"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param(None, None, "does not exist", id="no file"),
        pytest.param(b"version = 1\ntimezone = '\xff'\n", 2, "not UTF-8", id="Latin-1"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_complaint_too(tmp_path: Path, content: bytes | None, line: int | None, message: str):
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as raised:
        load(path, environ={})

    (found,) = raised.value.complaints
    assert (found.file, found.line) == (str(path), line)
    assert message in found.message
    assert found.hint


def test_a_folder_is_no_configuration(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, environ={})


def test_a_byte_order_mark_is_read_over(tmp_path: Path, small: str):
    (tmp_path / "config.toml").write_text(small, encoding="utf-8-sig")

    assert load(tmp_path / "config.toml", environ={}).version == 1


def test_a_configuration_never_changes(small: str):
    config = parse(small, environ={})

    with pytest.raises(ValueError, match="frozen"):
        config.polling.interval.min = timedelta(0)


FULL = """\
version = 1
timezone = "UTC"
[network]
contact = "desk@example.org"
timeout = "30s"
per_host = { concurrent = 1, gap = "2s" }
allow_private = []
max_size = { feed = "5MiB", page = "3MiB" }
[polling]
interval = { min = "5m", max = "6h", adaptive = true }
concurrency = 64
backfill = "24h"
[articles]
fetch = "all"
[storage]
url = ""
keep = { articles = "1d", full_text = "1d", deliveries = "1d" }
[web]
listen = "127.0.0.1:8321"
public_url = ""
[feeds.news]
url = "https://news.example/feed.xml"
interval = { min = "3m", max = "30m", adaptive = false }
max_size = { feed = "1MiB", page = "1MiB" }
title = "News"
site = ""
language = "en"
outlet = ""
timeout = "3s"
backfill = "0s"
[opml]
file = "none.opml"
[sites."example.com"]
keep = ["p"]
drop = ["q"]
[topics.ukraine]
title = "Ukraine"
rule = "ukraine"
digest_at = 0.5
alert_at = 0.5
groups.ukraine = { weight = 3.0, terms = ["ukrain*"] }
[subscribers.desk]
topics = ["ukraine"]
timezone = "UTC"
language = "en"
digest = { at = ["07:30"], days = "mon-fri", when_empty = "note" }
alert = { min_score = 0.8, max_per_hour = 4, quiet = "22:00-06:30", break_through = 0.95, settle = "3s" }
channels = [{ webhook = "https://hooks.example/x", secret_env = "HOOK", only = "alerts" }]
[smtp]
host = "::1"
port = 25
security = "none"
from = "a@b.example"
username = "me"
password_file = "hook.secret"
"""


def variables(table: dict[str, Any], above: str = "MONITOR") -> Iterator[str]:
    """The variable of every key in a table, and of the tables in it."""
    for key, value in table.items():
        name = f"{above}__{re.sub('[^A-Z0-9]', '_', key.upper())}"
        yield name
        if isinstance(value, dict):
            yield from variables(value, name)


VALUES = [
    "0",
    "-1",
    "1.5",
    "nan",
    "true",
    '""',
    '"x"',
    '"\\u0000"',
    "[]",
    "[1]",
    '["x"]',
    "[[]]",
    "{}",
    "{ x = 1 }",
    "[{}]",
    "[{ file = 3 }]",
    "2026-11-22",
    "07:30:00",
]


@pytest.mark.parametrize("variable", list(variables(tomllib.loads(FULL))))
def test_whatever_stands_at_a_key_is_taken_or_complained_about_with_advice(variable: str):
    for value in VALUES:
        environ = {"HOOK": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", variable: value}
        for complaint in complaints(FULL, **environ):  # the OPML file is never there
            assert complaint.message, value
            assert complaint.hint, f"{value}: {complaint}"
