"""What judging asks for again and again stands where it is found at once.

Alerts by when they were raised: the hourly cap looks at an hour of them, and there may be months. Outlet and language of a story's
members beside their vectors: in the articles' rows they stand behind the texts, and a start read ten thousand of those.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_alert_raised_at", "alert", ["raised_at"])
    for name in ("outlet", "language"):
        op.add_column("story_member", sa.Column(name, sa.Text(), server_default="", nullable=False))
    member, article = (sa.table(table, sa.column(key), sa.column("outlet"), sa.column("language"), sa.column("vector")) for table, key in _TABLES)
    its = {name: sa.select(article.c[name]).where(article.c.id == member.c.article_id).scalar_subquery() for name in ("outlet", "language")}
    op.execute(sa.update(member).where(member.c.vector.is_not(None)).values(its))


_TABLES = (("story_member", "article_id"), ("article", "id"))
