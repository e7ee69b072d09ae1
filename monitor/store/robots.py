"""What sites said in robots.txt, kept for a day so that a restart asks nobody again."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select

from monitor.model import Robots
from monitor.store.database import insert_or
from monitor.store.schema import robots


def load_robots(connection: Connection, origin: str) -> Robots | None:
    """What a site said last, also when that is no longer fresh."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).mappings().one_or_none()
    return Robots(**row) if row else None


def save_robots(connection: Connection, said: Robots) -> None:
    """Take what a site says now for what it said before."""
    row = asdict(said)
    connection.execute(insert_or(connection, robots).on_conflict_do_update(index_elements=["origin"], set_=row), [row])


def forget_robots(connection: Connection, before: datetime) -> int:
    """Forget sites that nobody has asked for pages since then; gives how many."""
    return connection.execute(delete(robots).where(robots.c.expires_at < before)).rowcount
