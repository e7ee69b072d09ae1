"""What sites said in robots.txt, kept for a day so that a restart asks nobody again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from monitor.model import Robots
from monitor.store.database import insert_or
from monitor.store.schema import robots


def load_robots(connection: Connection, origin: str) -> Robots | None:
    """What a site said last, also when that is no longer fresh."""
    row = connection.execute(_SAID, {"b_origin": origin}).mappings().one_or_none()
    return Robots(**row) if row else None


_SAID = select(robots).where(robots.c.origin == bindparam("b_origin"))


def save_robots(connection: Connection, said: Sequence[Robots]) -> None:
    """Take what sites say now for what they said before."""
    statement = insert_or(connection, robots)
    fresh = {name: statement.excluded[name] for name in robots.c.keys() if name != "origin"}  # noqa: SIM118 -- columns, not a dict
    connection.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=fresh), [asdict(each) for each in said])


def forget_robots(connection: Connection, before: datetime) -> int:
    """Forget sites that nobody has asked for pages since then; gives how many."""
    return connection.execute(delete(robots).where(robots.c.expires_at < before)).rowcount
