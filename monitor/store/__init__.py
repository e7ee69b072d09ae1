"""The one door to SQL: SQLite and PostgreSQL through SQLAlchemy Core."""
