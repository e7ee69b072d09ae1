"""What polling well needs to remember: hosts, robots.txt, moves, rhythms, events of feeds, and entries that were forgotten."""

import sqlalchemy as sa
from alembic import op

from monitor.store.schema import Utc

revision = "0003"
down_revision = "0002"

NEW_CHECKS = {
    ("feed", "state"): "state IN ('active', 'paused', 'gone', 'disabled', 'duplicate')",
    ("article", "step"): "step IN ('read', 'judge', 'done', 'held')",
    ("digest", "kind"): "kind IN ('alert', 'digest', 'notice')",
}


def upgrade() -> None:
    for (table, name), condition in NEW_CHECKS.items():
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            changed.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    _remember_more_of_feeds()
    op.add_column("article", sa.Column("canonical_url", sa.Text(), server_default="", nullable=False))
    op.add_column("article", sa.Column("canonical_key", sa.Text(), server_default="", nullable=False))
    has_one = sa.text("canonical_key != ''")
    op.create_index("ix_article_canonical_key", "article", ["canonical_key"], unique=False, sqlite_where=has_one, postgresql_where=has_one)
    op.add_column("article", sa.Column("duplicate_of", sa.Integer(), nullable=True))
    op.add_column("article", sa.Column("page_again_at", Utc(), nullable=True))
    is_one = sa.text("duplicate_of IS NOT NULL")
    op.create_index("ix_article_duplicate_of", "article", ["duplicate_of"], unique=False, sqlite_where=is_one, postgresql_where=is_one)
    op.add_column("alert", sa.Column("headline", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "host",
        sa.Column("name", sa.String(length=260), nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("leased_until", Utc(), nullable=False),
        sa.Column("next_ok_at", Utc(), nullable=False),
        sa.Column("held_until", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("fetched_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "feed_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.String(length=200), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("is_notice", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_event_feed_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_event")),
    )
    op.add_column("subscriber", sa.Column("notices", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_feed_event_feed_id_at", "feed_event", ["feed_id", "at"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("feed_id", sa.String(length=200), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url_key", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_tombstone_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", "key", name=op.f("pk_tombstone")),
    )
    op.create_index("ix_tombstone_feed_id_url_key", "tombstone", ["feed_id", "url_key"], unique=False)
    op.create_index("ix_tombstone_seen_at", "tombstone", ["seen_at"], unique=False)


def _remember_more_of_feeds() -> None:
    texts = (
        "configured_url",
        "items_sha256",
        "skip_hours",
        "skip_days",
        "moved_url",
        "announced_url",
        "own_title",
        "proposed_url",
        "proposed_reason",
        "duplicate_of",
        "credentials_sha256",
    )
    for name in texts:
        op.add_column("feed", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("read_at", "newest_at", "moved_since", "gone_since", "missing_since", "discovered_at"):
        op.add_column("feed", sa.Column(name, Utc(), nullable=True))
    op.add_column("feed", sa.Column("items", sa.LargeBinary(), server_default="", nullable=False))
    op.add_column("feed", sa.Column("ttl_s", sa.Float(), server_default="0", nullable=False))
    op.add_column("feed", sa.Column("gap_s", sa.Float(), nullable=True))
    op.add_column("feed", sa.Column("moved_polls", sa.Integer(), server_default="0", nullable=False))
    op.add_column("feed", sa.Column("missing_polls", sa.Integer(), server_default="0", nullable=False))
    op.add_column("feed", sa.Column("entry_count", sa.Integer(), nullable=True))
    op.execute("UPDATE feed SET configured_url = url")
