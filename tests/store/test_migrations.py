"""The migrations lead to the tables, from nothing and from an older database, on both engines."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from monitor.errors import SchemaMismatch
from monitor.store import migrations, schema


def difference(connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), schema.metadata)


def test_an_empty_database_gets_the_tables(empty_database_url, opened):
    database = opened(empty_database_url)

    migrations.ensure(database)

    assert database.read_now(difference) == []
    assert database.read_now(migrations.revision) == schema.HEAD


def test_the_migrations_lead_from_nothing_to_the_same_tables(empty_database_url, opened):
    database = opened(empty_database_url)

    migrations.upgrade(database)

    assert database.read_now(difference) == []
    assert database.read_now(migrations.revision) == schema.HEAD


def test_a_second_start_changes_nothing(database):
    migrations.ensure(database)

    assert database.read_now(migrations.revision) == schema.HEAD


def test_an_older_database_is_refused_until_it_is_migrated(empty_database_url, opened):
    database = opened(empty_database_url)
    migrations.upgrade(database, target="0001")

    with pytest.raises(SchemaMismatch, match="run `monitor db migrate`"):
        migrations.ensure(database)


def test_migrating_an_older_database_keeps_its_rows_and_a_copy(empty_database_url, opened):
    database = opened(empty_database_url)
    migrations.upgrade(database, target="0001")
    database.write_now(lambda connection: connection.execute(text("INSERT INTO topic (id, version, state) VALUES ('t', 'v1', 'active')")))

    assert migrations.upgrade(database) == "0001"

    assert database.read_now(difference) == []
    assert database.read_now(lambda connection: connection.execute(text("SELECT id FROM topic")).scalar()) == "t"
    if database.is_sqlite:
        assert len(list((Path(database.url.database).parent / "backups").glob("*.db"))) == 1


def test_a_newer_database_is_refused(database):
    database.write_now(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))

    with pytest.raises(SchemaMismatch, match="newer than this program"):
        migrations.ensure(database)


def test_a_database_of_another_program_is_left_alone(empty_database_url, opened):
    database = opened(empty_database_url)
    database.write_now(lambda connection: connection.execute(text("CREATE TABLE customers (id INTEGER)")))

    with pytest.raises(SchemaMismatch, match="customers"):
        migrations.ensure(database)


def test_a_migration_that_changes_constraints_keeps_what_hangs_on_the_tables(empty_database_url, opened):
    database = opened(empty_database_url)
    migrations.upgrade(database, target="0002")
    at = "'2026-01-01 00:00:00'"
    database.write_now(
        lambda connection: [
            connection.execute(text(statement))
            for statement in (
                "INSERT INTO feed (id, url, state, added_at, next_poll_at, interval_min_s, interval_max_s, leased_until) "
                f"VALUES ('f', 'https://e.org/f', 'active', {at}, {at}, 300, 900, {at})",
                f"INSERT INTO poll (feed_id, at, outcome, duration_s) VALUES ('f', {at}, 'changed', 0.1)",
            )
        ]
    )

    migrations.upgrade(database)

    assert database.read_now(lambda connection: connection.execute(text("SELECT feed_id FROM poll")).scalar()) == "f"
    assert database.read_now(lambda connection: connection.execute(text("SELECT configured_url FROM feed")).scalar()) == "https://e.org/f"
    assert database.read_now(difference) == []
    assert migrations.problems(database) == []


def test_members_that_are_compared_get_the_outlet_and_language_of_their_articles(empty_database_url, opened):
    database = opened(empty_database_url)
    migrations.upgrade(database, target="0006")
    at = "2026-11-22 08:00:00"
    feed = "id, url, state, added_at, next_poll_at, interval_min_s, interval_max_s, leased_until"
    article = "feed_id, url, url_key, outlet, language, authors, seen_at, status, is_backfill, step, due_at, leased_until"
    for statement in (
        f"INSERT INTO feed ({feed}) VALUES ('f', 'https://e.org/f', 'active', '{at}', '{at}', 300, 900, '{at}')",
        f"INSERT INTO article (id, {article}) VALUES (1, 'f', 'u', 'k', 'quay.example', 'uk', '[]', '{at}', 'full', false, 'done', '{at}', '{at}')",
        f"INSERT INTO article (id, {article}) VALUES (2, 'f', 'v', 'l', 'dock.example', 'en', '[]', '{at}', 'full', false, 'done', '{at}', '{at}')",
        f"INSERT INTO story (id, title, first_seen_at, last_seen_at) VALUES (1, 's', '{at}', '{at}')",
        f"INSERT INTO story_member (article_id, story_id, at, reason, score, vector) VALUES (1, 1, '{at}', 'joined', 0.5, '\\x01')",
        f"INSERT INTO story_member (article_id, story_id, at, reason, score, vector) VALUES (2, 1, '{at}', 'joined', 0.5, NULL)",
    ):
        database.write_now(lambda connection, statement=statement: connection.exec_driver_sql(statement))

    migrations.upgrade(database)

    rows = database.read_now(lambda connection: connection.execute(text("SELECT outlet, language FROM story_member ORDER BY article_id")).all())
    assert [tuple(row) for row in rows] == [("quay.example", "uk"), ("", "")]
