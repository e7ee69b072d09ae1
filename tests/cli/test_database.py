"""`monitor db`."""

import sqlite3
from contextlib import closing

import pytest
from loopback import receiving, write_config

from monitor.store import migrations
from monitor.store.database import Database, sqlite_url
from monitor.store.schema import HEAD


@pytest.fixture
def config(tmp_path, web):
    return write_config(tmp_path, web)


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    return path


def test_a_new_database_is_made(monitor, config):
    done = monitor("db", "migrate")

    assert (done.code, done.out) == (0, f"schema none → {HEAD}\n")
    assert monitor("db", "migrate").out == f"schema {HEAD}, nothing to do\n"
    assert monitor("db", "migrate", "--json").json == {"schema": "db migrate/1", "before": HEAD, "after": HEAD}


def test_an_older_database_is_kept_and_brought_up(monitor, config, state):
    with closing(Database(sqlite_url(state / "monitor.db"))) as database:
        migrations.upgrade(database, target="0001")
    assert monitor("status").code == 69

    done = monitor("db", "migrate")

    assert (done.code, done.out) == (0, f"schema 0001 → {HEAD}\n")
    assert monitor("status").code == 0
    (copy,) = (state / "backups").iterdir()
    assert copy.name.startswith("before-migration-from-0001-")


def test_a_newer_database_is_left_alone(monitor, config, state):
    monitor("db", "migrate")
    with closing(sqlite3.connect(state / "monitor.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    done = monitor("db", "migrate")

    assert (done.code, done.out) == (69, "")
    assert "newer than this program's" in done.err
    assert "install the newer monitor, or restore a backup" in done.err


def test_a_strangers_database_is_left_alone(monitor, config, state):
    with closing(sqlite3.connect(state / "monitor.db")) as database, database:
        database.execute("CREATE TABLE recipe (title TEXT)")

    assert (monitor("db", "migrate").code, monitor("db", "check").code, monitor("status").code) == (69, 1, 69)


def test_a_whole_database_checks_out(monitor, config):
    monitor("db", "migrate")

    assert (monitor("db", "check").code, monitor("db", "check").out) == (0, "the database is whole\n")
    assert monitor("db", "check", "--json").json == {"schema": "db check/1", "ok": True, "problems": []}


def test_a_reference_to_nothing_is_found(monitor, config, state):
    monitor("db", "migrate")
    with closing(sqlite3.connect(state / "monitor.db")) as database, database:
        database.execute("INSERT INTO attempt (delivery_id, number, at, outcome, duration_s) VALUES ('none', 1, '2026-11-22 12:00:00', 'accepted', 1)")

    done = monitor("db", "check", "--json")

    assert (done.code, done.json["ok"]) == (1, False)
    assert "delivery" in done.json["problems"][0]


def test_a_file_that_is_no_database_is_named(monitor, config, state):
    (state / "monitor.db").write_bytes(b"Dear diary, " * 500)

    done = monitor("status")

    assert (done.code, done.out) == (74, "")
    assert "file is not a database – the file is damaged or something else" in done.err


def test_every_list_reads_both_engines(monitor, tmp_path, web, write_watch, database_url):
    with receiving() as inbox:
        config = write_watch(tmp_path, web, inbox)
        config.write_text(config.read_text().replace('url = ""', f'url = "{database_url}"'))
        assert monitor("poll", "--all").code == 0

    story = monitor("stories", "list", "--json").json["stories"][0]
    assert monitor("stories", "show", story["id"]).code == 0
    assert monitor("topics", "explain", story["articles"][0]["url"], "--json").json["topics"][0]["matched"]
    assert [row["id"] for row in monitor("feeds", "list", "--json").json["feeds"]] == ["f0", "f1", "f2"]
    assert {"email", "webhook"} <= {row["kind"] for row in monitor("deliveries", "list", "--json").json["deliveries"]}
    assert monitor("digest", "preview", "editor").code == 0
    assert monitor("status", "--json").json["entries"] == 3
    assert (monitor("db", "migrate").code, monitor("db", "check").code) == (0, 0)


@pytest.mark.parametrize("command", [["status"], ["poll"], ["db", "migrate"], ["db", "check"]])
def test_a_database_server_that_is_down_is_named_without_its_password(monitor, config, monkeypatch, command):
    monkeypatch.setenv("MONITOR__STORAGE__URL", "postgresql://monitor:correct-horse@127.0.0.1:1/news")

    done = monitor(*command)

    assert (done.code, done.out) == (74, "")
    assert "127.0.0.1:1/news: " in done.err
    assert "correct-horse" not in done.err
