"""How the tables came to be: Alembic, linear, only forward, never edited after a release.

The revision ids are numbers, so an older database and a newer one can be told apart.
"""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from monitor.errors import SchemaMismatch
from monitor.store.database import Database
from monitor.store.schema import HEAD, metadata

FOLDER = Path(__file__).parent
NEWER = "the database is at schema {found}, newer than this program's {head} – install the newer monitor, or restore a backup"


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None where it has no tables yet.

    raises: SchemaMismatch when there are tables, and none of ours.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found:
            return str(found)
    if tables and tables != ["alembic_version"]:
        raise SchemaMismatch(f"the database holds tables ({', '.join(sorted(tables)[:3])}, …) that are not monitor's – give monitor a database of its own")
    return None


def ensure(database: Database) -> None:
    """Create the tables of an empty database; accept one of this version.

    raises: SchemaMismatch for a database that is older or newer, with what to do.
    """
    found = database.read_now(revision)
    if found is None:
        database.write_now(_create)
    elif found < HEAD:
        raise SchemaMismatch(f"the database is at schema {found}, this program needs {HEAD} – run `monitor db migrate` (it keeps a copy first)")
    elif found > HEAD:
        raise SchemaMismatch(NEWER.format(found=found, head=HEAD))


def _create(connection: Connection) -> None:
    """All tables at once, as the migrations would leave them (test_migrations compares): Alembic is 0.2 s and 10 MB that a new database does not need."""
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade(database: Database, *, target: str = "head") -> str | None:
    """Bring the database to the newest schema; gives the revision it had before.

    A SQLite file that holds data is copied to backups/ beside it first.
    """
    # Alembic costs 0.2 s to import, and a start that finds the right schema does not need it.
    from alembic import command
    from alembic.config import Config

    before = database.read_now(revision)
    if before is not None and before < HEAD and database.is_sqlite:
        _copy(database, before)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = database.engine
    command.upgrade(config, target)
    return before


def problems(database: Database) -> list[str]:
    """What is wrong with the database, in words; empty when it is whole."""
    try:
        found = database.read_now(revision)
    except SchemaMismatch as error:
        return [str(error)]
    if found is not None and found > HEAD:
        return [NEWER.format(found=found, head=HEAD)]
    if found != HEAD:
        return [f"schema {found or 'missing'}, this program needs {HEAD} – run `monitor db migrate`"]
    return database.read_now(_damage) if database.is_sqlite else []


def _damage(connection: Connection) -> list[str]:
    pages = [row[0] for row in connection.execute(text("PRAGMA quick_check")) if row[0] != "ok"]
    orphans = [f"{row[0]}: row {row[1]} refers to a missing {row[2]}" for row in connection.execute(text("PRAGMA foreign_key_check"))]
    return pages + orphans


def _copy(database: Database, before: str) -> None:
    folder = Path(str(database.url.database)).parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"before-migration-from-{before}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM INTO ?", (str(copy),)).close()
