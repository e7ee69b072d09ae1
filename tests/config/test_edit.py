"""Commands write config.toml without taking anything from it that is the operator's."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import edit
from monitor.config.edit import TopicChange, preview, save, with_feed_url, with_feeds, with_topic, without_feeds
from monitor.errors import ConfigError

SHIPPED = (Path(__file__).resolve().parents[2] / "config.toml").read_text("utf-8")
NEW = {"alpha": {"url": "https://alpha.example/feed.xml", "title": 'The "Alpha"', "interval": {"min": "3m"}}}
TABLES = """\
version = 1   # of the format

# the first
[feeds.one]
url = "https://one.example/"   # slow
# it moved in May
[feeds.one.interval]
min = "10m"

# the second
[feeds.two]
url = "https://two.example/"
# nothing below

[topics.t]   # what for
rule = "g"
groups.g = { terms = ["g*"] }
"""


@pytest.fixture
def config(tmp_path, small):
    path = tmp_path / "config.toml"
    path.write_text(small)
    return path


# ------------------------------------------------------------------------------------------------- adding
@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param('[feeds]\na = { url = "x" }  # A\n\n# next\n[web]\n', '# A\nalpha = { url = "https://alpha.example/feed.xml", title = ', id="a line"),
        pytest.param('[feeds.a]\nurl = "x"\n# note\n', '\n[feeds.alpha]\nurl = "https://alpha.example/feed.xml"\ntitle = ', id="a table"),
        pytest.param('feeds.a = { url = "x" }\n[web]\n', '\nfeeds.alpha = { url = "https://alpha.example/feed.xml", title = ', id="dotted"),
        pytest.param('feeds.a.url = "x"\n[web]\n', '\nfeeds.alpha = { url = "https://alpha.example/feed.xml", title = ', id="dotted keys"),
        pytest.param("version = 1", '\n\n[feeds.alpha]\nurl = "https://alpha.example/feed.xml"\ntitle = ', id="the first one"),
        pytest.param("", '[feeds.alpha]\nurl = "https://alpha.example/feed.xml"\ntitle = ', id="nothing at all"),
    ],
)
def test_a_new_feed_is_written_as_its_neighbours_are(text, written):
    after = with_feeds(text, NEW)

    assert written in after
    assert tomllib.loads(after)["feeds"]["alpha"] == NEW["alpha"]
    assert set(text.split("\n")) <= set(after.split("\n")), "no line was lost"


def test_the_shipped_file_only_gains_lines():
    lines = SHIPPED.splitlines()

    after = with_feeds(SHIPPED, NEW).splitlines()

    assert [line for line in after if not line.startswith("alpha = ")] == lines
    assert len(after) == len(lines) + 1


def test_line_ends_of_the_file_are_kept():
    after = with_feeds('version = 1\r\n[feeds.a]\r\nurl = "x"\r\n', NEW)

    assert after.count("\r\n") == after.count("\n")


def test_a_feed_that_is_there_is_not_added_again():
    with pytest.raises(ConfigError, match=r"config\.toml:4: feeds\.one: this feed is there already – choose another id"):
        with_feeds(TABLES, {"one": {"url": "https://x.example/"}})


def test_a_layout_that_cannot_be_extended_is_left_alone():
    with pytest.raises(ConfigError, match="change it by hand"):
        with_feeds('feeds = { a = { url = "x" } }\n', NEW)


# ----------------------------------------------------------------------------------------------- removing
def test_what_was_added_can_be_taken_away_again():
    assert without_feeds(with_feeds(SHIPPED, NEW), ["alpha"]) == SHIPPED


def test_a_removed_feed_takes_its_own_lines_and_no_comment_of_others():
    after = without_feeds(TABLES, ["one"])

    assert after == TABLES.replace('[feeds.one]\nurl = "https://one.example/"   # slow\n# it moved in May\n[feeds.one.interval]\nmin = "10m"\n', "")


def test_the_last_feed_can_go():
    after = without_feeds(TABLES, ["two", "one"])

    assert "feeds" not in tomllib.loads(after)
    assert all(comment in after for comment in ("# the first", "# the second", "# nothing below", "# what for", "# of the format"))


def test_a_feed_in_several_places_goes_from_all_of_them():
    text = '[feeds.a]\nurl = "x"\n[web]\n# w\n[feeds.a.interval]\nmin = "3m"\n[feeds.b]\nurl = "y"\n'

    assert without_feeds(text, ["a"]) == '[web]\n# w\n[feeds.b]\nurl = "y"\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('feeds = { a = { url = "x" }, b = { url = "y" } }\n', id="on one line with another"),
        pytest.param('[feeds.b.interval]\nmin = "3m"\n[feeds.a]\nurl = "x"\n[feeds.b]\nurl = "y"\n', id="between parts of another"),
    ],
)
def test_a_layout_that_is_not_understood_is_refused_and_not_mangled(text):
    with pytest.raises(ConfigError, match="change it by hand"):
        without_feeds(text, ["a"])


def test_an_unknown_feed_cannot_be_removed():
    with pytest.raises(ConfigError, match=r"feeds\.nobody: there is no such feed"):
        without_feeds(TABLES, ["nobody"])


def test_a_text_that_looks_like_a_comment_does_no_harm():
    after = without_feeds('[feeds.a]\nurl = "x"\ntitle = """\n# not a comment"""\n\n# a comment\n[web]\n', ["a"])

    assert tomllib.loads(after) == {"web": {}}
    assert "\n# a comment\n" in after


_names = st.sampled_from(["a", "b", "c"])
_blocks = st.sampled_from(
    [
        '[feeds.{n}]\nurl = "u"\n',
        '# above {n}\n[feeds.{n}]\nurl = "u" # same line\n\n',
        '[feeds.{n}.interval]\nmin = "3m"\n',
        "[sites.{n}]\n# in\n",
        "\n# free\n",
    ]
)


@given(st.lists(st.tuples(_blocks, _names), max_size=8))
def test_whatever_the_order_a_removal_is_exact_or_refused(blocks):
    text = "".join(block.format(n=name) for block, name in blocks)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if "a" not in tables.get("feeds", {}):
        return
    try:
        after = without_feeds(text, ["a"])
    except ConfigError:
        return
    del tables["feeds"]["a"]
    left = tomllib.loads(after)
    assert left.get("feeds", {}) == tables["feeds"]
    assert left.get("sites") == tables.get("sites")
    assert all(after.count(f"# above {other}") == text.count(f"# above {other}") for other in "bc")


# ----------------------------------------------------------------------------------------------- changing
def test_an_address_is_changed_where_it_stands():
    assert with_feed_url(TABLES, "one", "https://new.example/f?a=1&b=2") == TABLES.replace("https://one.example/", "https://new.example/f?a=1&b=2")
    assert with_feed_url(SHIPPED, "rusi", "https://new.example/") == SHIPPED.replace("https://www.rusi.org/rss/latest-publications.xml", "https://new.example/")


# ----------------------------------------------------------------------------------------------- the file
def test_a_saved_change_keeps_mode_link_and_byte_order_mark(tmp_path, small):
    (tmp_path / "etc").mkdir()
    real = tmp_path / "etc" / "monitor.toml"
    real.write_bytes(edit.BOM + small.encode())
    real.chmod(0o640)
    link = tmp_path / "config.toml"
    link.symlink_to(real)

    edited = save(link, lambda text: with_feeds(text, NEW))

    assert link.is_symlink()
    assert real.stat().st_mode & 0o7777 == 0o640
    assert real.read_bytes() == edit.BOM + edited.after.encode()
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["monitor.toml"], "nothing is left beside it"


def test_a_preview_writes_nothing(config, small):
    assert preview(config, lambda text: with_feeds(text, NEW)).after != small
    assert config.read_text() == small


def test_a_change_that_check_would_refuse_never_reaches_the_file(config, small):
    with pytest.raises(ConfigError, match=r"feeds\.alpha\.url.*http"):
        save(config, lambda text: with_feeds(text, {"alpha": {"url": "ftp://alpha.example/"}}))

    assert config.read_text() == small


def test_a_file_that_is_wrong_already_is_told_with_its_line(config):
    config.write_text("version = 1\nfeeds = [\n")

    with pytest.raises(ConfigError, match=r"config\.toml:2"):
        save(config, lambda text: with_feeds(text, NEW))


def test_an_edit_by_somebody_else_in_the_meantime_wins(config, small):
    def change(text):
        config.write_text(small + "# my own note\n")  # an editor saves while the command works
        return with_feeds(text, NEW)

    with pytest.raises(ConfigError, match="somebody changed it while this command worked"):
        save(config, change)

    assert config.read_text() == small + "# my own note\n"
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_written_leaves_the_old_file(config, small, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        save(config, lambda text: with_feeds(text, NEW))

    assert config.read_text() == small
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


# ------------------------------------------------------------------------------------------------- topics
TOPIC = """version = 1
[topics.watch]
rule = "a OR b"         # either
alert_at = 0.8          # at once
near = [
  { groups = ["a", "b"], words = 9, weight = 1.0 },  # a pair
]
[topics.watch.groups]   # words
a = { weight = 2.0, terms = [
  # English
  "one", "two",
  # German
  "eins",
] }
b = { terms = ["drei"] }
"""


def test_a_topic_is_changed_in_its_lines_and_keeps_its_comments():
    change = TopicChange(
        keys={"bias": -3.5, "alert_at": 0.9}, weights={"a": 2.4, "b": 1.2}, pairs={0: 0.7}, added={"a": ["zwei*"], "b": ['"x y"']}, removed={"a": ["two"]}
    )

    after = with_topic(TOPIC, "watch", change)

    topic = tomllib.loads(after)["topics"]["watch"]
    assert (topic["bias"], topic["alert_at"], topic["near"][0]["weight"]) == (-3.5, 0.9, 0.7)
    assert topic["groups"] == {"a": {"weight": 2.4, "terms": ["one", "eins", "zwei*"]}, "b": {"weight": 1.2, "terms": ["drei", '"x y"']}}
    assert all(comment in after for comment in ("# either", "# at once", "# a pair", "# words", "# English", "# German"))
    assert with_topic(TOPIC, "watch", TopicChange()) == TOPIC


def test_a_topic_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="there is no such topic"):
        with_topic(TOPIC, "other", TopicChange())
