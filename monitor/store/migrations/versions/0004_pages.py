"""What is known of the pages behind articles, and how much of an article there was when it was told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "page",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("headline", sa.Text(), server_default="", nullable=False),
        sa.Column("feed_title", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_page_article_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_page")),
    )
    op.add_column("alert", sa.Column("status", sa.Text(), server_default="", nullable=False))
