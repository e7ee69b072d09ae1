"""By which branch of a topic's rule an article was matched."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("match", sa.Column("branch", sa.Text(), server_default="", nullable=False))
