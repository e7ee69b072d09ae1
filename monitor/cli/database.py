"""`monitor db`: migrate, check."""

from monitor.cli.options import Options, command, group, say, write_json


@command("migrate")
def migrate(options: Options) -> None:
    """Bring the database to this program's schema; a SQLite file is copied to backups/ first."""
    from monitor.store import migrations
    from monitor.store.database import Database
    from monitor.store.schema import HEAD
    from monitor.store.state import database_url, make_state, only_one

    config, state = options.load(), options.state_path
    make_state(state)
    database = Database(database_url(config.storage.url, state))
    try:
        with only_one(state):
            before = database.read_now(migrations.revision)
            if before and before > HEAD:
                migrations.ensure(database)  # says what to do about a newer one
            migrations.upgrade(database)
    finally:
        database.close()
    if options.as_json:
        write_json({"before": before, "after": HEAD}, schema="db migrate/1")
    else:
        say(f"schema {before or 'none'} → {HEAD}" if before != HEAD else f"schema {HEAD}, nothing to do")


@command("check")
def check(options: Options) -> int:
    """Whether the database is whole: its schema, its pages and its references. Exit code 1 when it is not."""
    from monitor.store import migrations
    from monitor.store.database import Database
    from monitor.store.state import database_url, make_state

    config, state = options.load(), options.state_path
    make_state(state)
    database = Database(database_url(config.storage.url, state))
    try:
        problems = migrations.problems(database)
    finally:
        database.close()
    if options.as_json:
        write_json({"ok": not problems, "problems": problems}, schema="db check/1")
    else:
        say("\n".join(problems) or "the database is whole")
    return 1 if problems else 0


db = group("db", "The database: migrate, check.", [migrate, check])
