"""Whose turn it is at a host, as rows, so that the manners hold between processes and over restarts.

A row is leased, not locked: a process that dies gives its hosts back when the lease runs out, or at its next start.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Connection, String, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from monitor.store.commits import GroupCommit
from monitor.store.database import Database, insert_for, insert_or
from monitor.store.schema import EPOCH, host

LEASE = timedelta(seconds=60)
LONGEST_HOLD = timedelta(hours=25)  # beyond it a row is from before the clock went back
OF_THE_WATCH = "watch:"  # begins the holder's name of the process that works on a database alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A host that is ours for a minute. next_ok_at: the gap after whoever asked last. held_until: Retry-After. None where they are over."""

    next_ok_at: datetime | None = None
    held_until: datetime | None = None


@dataclass(slots=True)
class _Wish:
    name: str
    at: datetime
    taken: Taken | None = None


class HostRows:
    """The rows of one process. holder: its name, unlike that of any other."""

    def __init__(self, database: Database, holder: str):
        self._database, self._holder = database, holder
        self._take = GroupCommit(self._take_all)

    async def take(self, name: str, now: datetime) -> Taken | None:
        """Lease a host; None while another process has it. Those who ask at the same time share a transaction."""
        wish = _Wish(name, now)
        await self._take(wish)
        return wish.taken

    async def keep(self, names: Sequence[str], now: datetime) -> None:
        """Renew the leases of hosts that are ours."""
        await self._database.write(keep_hosts, names, self._holder, now)

    async def give_back(self, names: Sequence[str], next_ok_at: datetime) -> None:
        """Let others have these hosts, not before the gap is over."""
        await self._database.write(give_hosts_back, names, self._holder, next_ok_at)

    async def hold(self, name: str, until: datetime) -> None:
        """Leave a host alone until then; a longer hold stays."""
        await self._database.write(hold_host, name, until)

    async def holds(self, now: datetime) -> dict[str, datetime]:
        """Who is to be left alone, and until when."""
        return await self._database.read(held_hosts, now)

    async def _take_all(self, wishes: Sequence[_Wish]) -> None:
        taken = await self._database.write(take_hosts, {wish.name for wish in wishes}, self._holder, max(wish.at for wish in wishes))
        for wish in wishes:
            wish.taken = taken.get(wish.name)


def take_hosts(connection: Connection, names: Collection[str], holder: str, now: datetime) -> dict[str, Taken]:
    """Lease these hosts, of those that nobody else has; gives what the rows say of each."""
    times = {"b_now": now, "b_until": now + LEASE, "b_too_far": now + 2 * LEASE}
    rows = connection.execute(_take(connection.dialect.name), {"b_names": _listed(connection, names), "b_holder": holder, **times}).all()
    longest = now + LONGEST_HOLD
    return {name: Taken(next_ok_at=next_ok_at, held_until=held_until and min(held_until, longest)) for name, next_ok_at, held_until in rows}


@cache
def _take(dialect: str) -> ReturningInsert[Any]:
    """Built once: building it costs more than running it."""
    time = host.c.leased_until.type
    now, until, too_far = (bindparam(name, type_=time) for name in ("b_now", "b_until", "b_too_far"))
    is_free = or_(host.c.leased_until <= now, host.c.holder == bindparam("b_holder"), host.c.leased_until > too_far)
    row = {host.c.holder: bindparam("b_holder", type_=host.c.holder.type), host.c.leased_until: until, host.c.next_ok_at: EPOCH, host.c.held_until: EPOCH}
    values = [value if isinstance(value, BindParameter) else literal(value, time) for value in row.values()]
    # The WHERE is for SQLite, which else takes ON CONFLICT for a part of the SELECT.
    new = select(_these(dialect), *values).where(literal(1) == 1)
    statement = insert_for(dialect, host).from_select([host.c.name, *row], new)
    fresh = {"holder": statement.excluded.holder, "leased_until": statement.excluded.leased_until}
    taken = statement.on_conflict_do_update(index_elements=["name"], set_=fresh, where=is_free)
    return taken.returning(host.c.name, *(case((column > now, column)) for column in (host.c.next_ok_at, host.c.held_until)))


def keep_hosts(connection: Connection, names: Collection[str], holder: str, now: datetime) -> None:
    """Renew leases, of those that we still have."""
    _change_ours(connection, names, holder, leased_until=now + LEASE)


def give_hosts_back(connection: Connection, names: Collection[str], holder: str, next_ok_at: datetime) -> None:
    """End leases; the next one may ask when the gap is over."""
    _change_ours(connection, names, holder, leased_until=EPOCH, next_ok_at=next_ok_at)


def _change_ours(connection: Connection, names: Collection[str], holder: str, **values: datetime) -> None:
    of_ours = (host.c.name.in_(select(_these(connection.dialect.name))), host.c.holder == holder)
    connection.execute(update(host).where(*of_ours).values(values), {"b_names": _listed(connection, names)})


def _these(dialect: str) -> ColumnElement[str]:
    """The names in the parameter `b_names` as rows: a parameter for each costs three times as much."""
    if dialect == "sqlite":
        return func.json_each(bindparam("b_names", type_=String)).table_valued("value").c.value
    return func.unnest(bindparam("b_names", type_=ARRAY(String)))


def _listed(connection: Connection, names: Collection[str]) -> Any:
    """In one order, so that two processes on PostgreSQL do not wait for each other."""
    return json.dumps(sorted(names)) if connection.dialect.name == "sqlite" else sorted(names)


def hold_host(connection: Connection, name: str, until: datetime) -> None:
    """Remember that a host asked to be left alone; a longer hold than this one stays."""
    statement = insert_or(connection, host)
    row = {"name": name, "leased_until": EPOCH, "next_ok_at": EPOCH, "held_until": until}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"held_until": until}, where=host.c.held_until < until),
        [row],
    )


def held_hosts(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Hosts that are to be left alone, and until when."""
    rows = connection.execute(select(host.c.name, host.c.held_until).where(host.c.held_until > now)).all()
    return {name: min(until, now + LONGEST_HOLD) for name, until in rows}


def release_hosts(connection: Connection) -> None:
    """Give back what a watch that died had leased; only for one that knows it is alone. Commands beside it keep theirs."""
    connection.execute(update(host).where(func.substr(host.c.holder, 1, len(OF_THE_WATCH)) == OF_THE_WATCH).values(leased_until=EPOCH))


def forget_hosts(connection: Connection, now: datetime) -> int:
    """Forget hosts of which there is nothing to remember."""
    return connection.execute(delete(host).where(host.c.leased_until <= now, host.c.next_ok_at <= now, host.c.held_until <= now)).rowcount
