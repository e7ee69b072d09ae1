"""`monitor feeds remove` and `reload`: what changes the watch while it runs."""

import os

import pytest
from loopback import receiving

from monitor.store.state import daemon_of, make_state, only_one, say_reloadable

CONFIG = """version = 1
[network]
contact = "desk@example.org"
# ours
[feeds.a]
url = "https://a.example/"
# theirs
[feeds.b]
url = "https://b.example/"
interval = { min = "3m" }
[topics.t]
rule = "g"
groups.g = { terms = ["ukrain*"] }
[subscribers.s]
topics = ["t"]
alert = {}
channels = [{ file = "" }]
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


# ------------------------------------------------------------------------------------------------- remove
def test_a_removed_feed_leaves_the_file_and_its_comments(monitor, config):
    done = monitor("feeds", "remove", "a")

    assert (done.code, done.out) == (0, "removed a; its entries and stories stay\n")
    assert done.err == "The next `monitor run` or `monitor poll` takes it.\n"
    assert config.read_text() == CONFIG.replace('[feeds.a]\nurl = "https://a.example/"\n', "")


def test_a_dry_run_shows_the_lines_that_would_go(monitor, config):
    done = monitor("feeds", "remove", "a", "b", "--dry-run")

    assert done.out.splitlines() == ["-[feeds.a]", '-url = "https://a.example/"', "-[feeds.b]", '-url = "https://b.example/"', '-interval = { min = "3m" }']
    assert config.read_text() == CONFIG


def test_an_unknown_feed_is_answered_with_the_nearest_one(monitor, config):
    config.write_text(CONFIG.replace("feeds.b", "feeds.brussels"))

    done = monitor("feeds", "remove", "brusels")

    assert done.code == 2
    assert "no feed 'brusels' – did you mean 'brussels'?" in done.err


def test_a_feed_of_the_opml_file_is_removed_there(monitor, config):
    (config.parent / "more.opml").write_text('<opml><body><outline title="More" xmlUrl="https://more.example/"/></body></opml>')
    config.write_text(CONFIG + '[opml]\nfile = "more.opml"\n')
    (feed,) = [feed for feed in monitor("feeds", "export", "--json").json["feeds"] if feed["title"] == "More"]

    done = monitor("feeds", "remove", feed["id"])

    assert done.code == 2
    assert "comes from more.opml – remove it there" in done.err


def test_a_removed_feed_is_paused_with_what_it_brought_and_goes_on_when_it_is_back(monitor, write_watch, web, tmp_path):
    with receiving() as inbox:
        config = write_watch(tmp_path, web, inbox)
    before = config.read_text()
    monitor("poll", "--all", "--no-deliver")

    monitor("feeds", "remove", "f0")
    monitor("poll", "--no-deliver")
    paused = monitor("feeds", "list", "--json").json["feeds"][0]
    config.write_text(before)
    monitor("poll", "--no-deliver")
    back = monitor("feeds", "list", "--json").json["feeds"][0]

    assert (paused["id"], paused["state"], paused["entries"]) == ("f0", "paused", 2)
    assert (back["state"], back["entries"]) == ("active", 2)


# ------------------------------------------------------------------------------------------ feeds list --changed
def test_feeds_with_settings_of_their_own_are_listed_with_them(monitor, config):
    monitor("poll", "--no-deliver", "a")  # fails; the rows are there

    done = monitor("feeds", "list", "--changed")

    assert [line.split() for line in done.out.splitlines()] == [["feed", "keys", "of", "its", "own"], ["b", "interval.min", "=", "3m"]]


def test_what_a_feed_is_asked_with_is_not_shown(monitor, config):
    (config.parent / "key").write_text("x")
    (config.parent / "key").chmod(0o600)
    config.write_text(CONFIG.replace('interval = { min = "3m" }', 'auth = { username = "me", password_file = "key" }\nheaders = { X-Key = "HIDDEN" }'))
    monitor("poll", "--no-deliver", "a")

    done = monitor("feeds", "list", "--changed", "--json")

    assert done.json["feeds"][0]["settings"] == {"auth.username": "set", "auth.password_file": "set", "headers.X-Key": "set"}


# ------------------------------------------------------------------------------------------------- reload
def test_without_a_daemon_there_is_nothing_to_reload(monitor, config):
    done = monitor("reload")

    assert done.code == 0
    assert "no daemon works in" in done.out


def test_a_wrong_configuration_is_not_sent_to_anybody(monitor, config):
    config.write_text(CONFIG + "nonsense = 1\n")

    assert monitor("reload").code == 78


def test_only_a_process_that_holds_the_state_and_says_so_is_ever_sent_a_signal(tmp_path):
    make_state(tmp_path)
    found = [daemon_of(tmp_path)]
    with only_one(tmp_path):
        found.append(daemon_of(tmp_path))  # `monitor poll`: a hang-up would end it
        say_reloadable(tmp_path)
        found.append(daemon_of(tmp_path))
    found.append(daemon_of(tmp_path))
    (tmp_path / "lock").write_text("process 1\nreloads on SIGHUP\n")  # a daemon that was killed
    found.append(daemon_of(tmp_path))

    assert found == [None, None, os.getpid(), None, None]
