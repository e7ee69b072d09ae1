"""Alerts by when they were raised: the hourly cap looks at an hour of them, and there may be months."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_alert_raised_at", "alert", ["raised_at"])
