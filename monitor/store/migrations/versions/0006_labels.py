"""What people say of articles, from which a topic learns."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "label",
        sa.Column("topic_id", sa.String(200), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("url", "language", "title", "text", "note")),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "id", name=op.f("pk_label")),
        sa.CheckConstraint("grade IN (0, 1, 2)", name=op.f("ck_label_grade")),
    )
