"""The state folder: where it is made, who holds it, and the database in it or elsewhere.

Light on purpose: a command that only asks the store imports this and not the whole service.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import StateLocked, StoreError
from monitor.store import migrations
from monitor.store.database import Database, sqlite_url

RELOADS = "reloads on SIGHUP"


def database_url(storage_url: str, state: Path) -> str:
    """Where the truth lives. storage_url: PostgreSQL's, or "" for SQLite in the state folder."""
    return storage_url or sqlite_url(state / "monitor.db")


def make_state(state: Path) -> None:
    """The state folder, for this user alone. raises: StoreError when it cannot be made or written."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        (state / "spool").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{state}: {error.strerror} – name a folder that this user can write, with --state or MONITOR_STATE") from error
    if not os.access(state, os.W_OK):
        raise StoreError(f"{state}: not writable – name a folder that this user can write, with --state or MONITOR_STATE")


@contextmanager
def open_store(storage_url: str, state: Path) -> Iterator[Database]:
    """The database, at the right schema; for commands that only ask."""
    make_state(state)
    database = Database(database_url(storage_url, state))
    try:
        migrations.ensure(database)
        yield database
    finally:
        database.close()


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the state folder; the kernel lets go of it when we die. raises: StateLocked when another process does."""
    with (state / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.readline().strip() or "another process"
            raise StateLocked(f"{state} is held by {holder} – stop it first, or name another folder with --state") from error
        file.truncate(0)
        file.write(f"process {os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def say_reloadable(state: Path) -> None:
    """Tell in the lock, which this process holds, that SIGHUP reloads from now on; to any other process it is the end."""
    with (state / "lock").open("a") as file:
        file.write(f"{RELOADS}\n")


def daemon_of(state: Path) -> int | None:
    """The process to which SIGHUP means "reload", None where no daemon holds the state."""
    try:
        with (state / "lock").open() as file:
            holder, *says = file.read().splitlines() or [""]
            if RELOADS not in says:
                return None
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # taken: its daemon died, and its number may be somebody else's by now
            except OSError:
                return int(holder.removeprefix("process "))
    except (FileNotFoundError, ValueError):
        pass
    return None
