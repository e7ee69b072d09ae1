"""Connections and transactions on SQLite and PostgreSQL.

SQLite: WAL, BEGIN IMMEDIATE, one writer thread, foreign keys, `synchronous=FULL`: what was acknowledged survives
a power cut. A deferred transaction that reads and then writes fails as busy under load (964 of 1,200 in our
measurement, none with BEGIN IMMEDIATE), so writers take the lock when they begin.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import JSON, Connection, Engine, Table, Update, bindparam, create_engine, event, exc, make_url, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")
P = ParamSpec("P")
BUSY_TIMEOUT_S = 15
POSTGRES_WRITERS = 4
TRIES, LOST_A_RACE = 3, ("40001", "40P01")  # PostgreSQL's serialization failure and deadlock: nothing was changed, the other one is through
READERS, POSTGRES_READERS = 2, 4  # each connection of SQLite's has statements and pages of its own to make ready
STATEMENTS_KEPT = 32  # ready, on each connection; one with a list has as many forms as the list has lengths, and a form may take 50 KB
BITE = 200  # rows whose values are in memory twice


class Database:
    """One database, reached through short functions that take a Connection and plain values.

    url: "sqlite:///…" or "postgresql://…". Functions run in threads; on SQLite all writers share one.
    """

    def __init__(self, url: str):
        self.url = make_url(url)
        self._troubles: dict[str, str] = {}
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._write, self._read = _sqlite_engine(url, writes=True), _sqlite_engine(url, writes=False)
        else:
            self._write = self._read = _postgres_engine(url)
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else POSTGRES_WRITERS, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(READERS if self.is_sqlite else POSTGRES_READERS, thread_name_prefix="store-read")

    async def write(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function in one transaction: all of it is saved, or nothing.

        raises: StoreError when the database refuses; nothing was changed then.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writers, lambda: self.write_now(function, *args, **kwargs))

    async def read(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function on a connection that sees one consistent state."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: self.read_now(function, *args, **kwargs))

    def write_now(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for callers without an event loop."""
        name = getattr(function, "__name__", "")
        try:
            result = _run(self._write, function, *args, **kwargs)
        except StoreError as error:
            self._troubles[name] = str(error)
            raise
        if name.startswith("save_"):
            self._troubles.clear()  # what steps save is the largest there is: where it finds room, everything does
        else:
            self._troubles.pop(name, None)
        return result

    def read_now(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`read` for callers without an event loop."""
        return _run(self._read, function, *args, **kwargs)

    @property
    def trouble(self) -> str:
        """Why something could not be written, "" once it could: a full disk can still be read, and claims still find room on it."""
        return next(iter(self._troubles.values()), "")

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._write

    def close(self) -> None:
        """Wait for what is running, then close every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self._write.dispose()
        self._read.dispose()


def insert_or(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the engine's own dialect, which knows ON CONFLICT."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """`insert_or` for statements that are built once, without a connection."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # whoever has no such database need not load it: 2 MB

    return postgresql.insert(table)


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows with the same columns, and leave existing ones as they are.

    On SQLite past SQLAlchemy, whose way to a row costs as much as SQLite's own: a first import writes thirty rows a feed and more.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(insert_or(connection, table).on_conflict_do_nothing(), rows)
        return
    statement, columns, constants = _compiled_insert(table, tuple(rows[0]))
    for start in range(0, len(rows), BITE):
        bite = rows[start : start + BITE]
        connection.exec_driver_sql(statement, [tuple([bind(row[name]) if bind else row[name] for name, bind in columns]) + constants for row in bite])


def change_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]], *, where: Sequence[str]) -> None:
    """Update many rows, each found by the columns `where`: a row gives the new values of `names`, then those it is found by.

    On SQLite past SQLAlchemy, as `add_rows` and for the same reason: every poll changes a row.
    """
    if connection.dialect.name == "sqlite":
        statement, binds = _compiled_update(table, tuple(names), tuple(where))
        connection.exec_driver_sql(statement, [tuple([bind(value) if bind else value for bind, value in zip(binds, row, strict=True)]) for row in rows])
    else:
        marks = [*(f"b_{name}" for name in names), *(f"w_{name}" for name in where)]
        connection.execute(_update(table, tuple(names), tuple(where)), [dict(zip(marks, row, strict=True)) for row in rows])


@lru_cache(maxsize=64)
def _update(table: Table, names: tuple[str, ...], where: tuple[str, ...]) -> Update:
    found_by = [table.c[name] == bindparam(f"w_{name}") for name in where]
    return update(table).where(*found_by).values({name: bindparam(f"b_{name}") for name in names})


@lru_cache(maxsize=64)
def _compiled_update(table: Table, names: tuple[str, ...], where: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The UPDATE, and how each value is bound."""
    changes, found_by = (joint.join(f"{name} = ?" for name in some) for joint, some in ((", ", names), (" AND ", where)))
    binds = _sqlite_binds(table)
    return f"UPDATE {table.name} SET {changes} WHERE {found_by}", [binds[name] for name in (*names, *where)]  # noqa: S608 -- our own table's names


@lru_cache(maxsize=64)
def _compiled_insert(table: Table, names: tuple[str, ...]) -> tuple[str, list[tuple[str, Any]], tuple[Any, ...]]:
    """The INSERT, how each given value is bound, and the values of columns that have a default in Python only, bound already."""
    defaults = {column.name: _default(column.default) for column in table.columns if column.name not in names and column.default is not None}
    binds = _sqlite_binds(table)
    marks = ", ".join("?" * (len(names) + len(defaults)))
    statement = f"INSERT INTO {table.name} ({', '.join((*names, *defaults))}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 -- our own table's names
    return statement, [(name, binds[name]) for name in names], tuple(bind(value) if (bind := binds[name]) else value for name, value in defaults.items())


def _sqlite_binds(table: Table) -> dict[str, Any]:
    """What makes of a column's value what SQLite takes; None where it is that already. Of JSON only what does not change: tuples."""
    dialect = sqlite.dialect()
    return {column.name: _dumped if isinstance(column.type, JSON) else column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns}


_dumped = lru_cache(maxsize=1024)(json.dumps)  # the same names again and again


def _default(default: Any) -> Any:
    return default.arg(None) if default.is_callable else default.arg


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def _run(engine: Engine, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    for again in reversed(range(TRIES)):
        try:
            with engine.begin() as connection:
                return function(connection, *args, **kwargs)
        except (exc.IntegrityError, exc.DataError):
            raise  # these values can never be saved, and that is a bug of ours: it keeps its traceback
        except exc.DBAPIError as error:
            if again and getattr(error.orig, "sqlstate", None) in LOST_A_RACE:
                continue
            raise StoreError(_advice(error, engine)) from error
    raise AssertionError("the last try returns or raises")


def _advice(error: exc.DBAPIError, engine: Engine) -> str:
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    where = engine.url.render_as_string(hide_password=True)
    advice = {
        "database or disk is full": "free some space; nothing that was saved is lost",
        "attempt to write a readonly database": "make the state folder writable for this user",
        "unable to open database file": "check that the state folder exists and is writable",
        "database is locked": "another process is writing; try again",
        "file is not a database": "the file is damaged or something else; restore it from state/backups/",
        "disk I/O error": "check the disk; then start again",
    }
    hint = next((text for part, text in advice.items() if part in reason), "check the database and try again")
    return f"{where}: {reason} – {hint}"


def _sqlite_engine(url: str, *, writes: bool) -> Engine:
    options = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "cached_statements": STATEMENTS_KEPT}
    # Last in, first out: the connection that was used a moment ago has its statements and pages at hand.
    engine = create_engine(url, connect_args=options, hide_parameters=True, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, see `begin`
        # What is read lies in the system's cache already, so readers need no two megabytes each of their own.
        own = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON") if writes else ("query_only=ON", "cache_size=-256")
        for pragma in (*own, "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: str) -> Engine:
    try:
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), pool_size=POSTGRES_WRITERS + POSTGRES_READERS, pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError as error:
        raise StoreError('storage.url names PostgreSQL, and its driver is missing – install "monitor[postgres]"') from error


class ServerLock:
    """A lock that PostgreSQL holds as long as this connection lives; other machines see it too."""

    KEY = 0x6D6F6E69746F72  # "monitor"

    def __init__(self, database: Database):
        self._connection: Any = database.engine.connect()
        self.is_held = bool(self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self.KEY}).scalar())
        self._connection.commit()

    def is_alive(self) -> bool:
        """Whether the connection still stands; a server that restarted has let go of the lock."""
        try:
            self._connection.execute(text("SELECT 1"))
            self._connection.commit()
        except exc.DBAPIError:
            return False
        return True

    def release(self) -> None:
        """Let go of the lock."""
        self._connection.invalidate()  # the pool would keep the session, and the lock with it
        self._connection.close()
