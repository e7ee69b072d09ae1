"""Alembic's entry: runs the migrations on the engine it was handed."""

from alembic import context
from sqlalchemy import Connection

from monitor.store.schema import metadata


def _hold_foreign_keys(connection: Connection, *, on: bool) -> None:
    """SQLite changes a constraint by copying the table and dropping the old one, which must not take the rows of others along.

    Outside of a transaction, because inside of one SQLite does not hear it.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}").close()


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    _hold_foreign_keys(connection, on=False)
    try:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        _hold_foreign_keys(connection, on=True)
