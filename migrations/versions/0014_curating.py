"""Keep who may curate, feeds that are asked by themselves, and what curators did with items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_curating"
down_revision = "0013_members_own"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NONE = sa.text("''")
NEW = (
    ("pinned_at", MOMENT, None),
    ("rejected_at", MOMENT, None),
    ("rejected_why", sa.Text(), NONE),
    ("edited_at", MOMENT, None),
    ("url_key", sa.String(32), None),
    ("title_key", sa.String(32), None),
    ("compared_at", MOMENT, None),
    ("twin_of", sa.String(128), None),
    ("twin_by", sa.String(16), NONE),
    ("link_checked_at", MOMENT, None),
    ("link_dead_at", MOMENT, None),
    ("link_problem", sa.Text(), NONE),
)
INDEXES = (("text", "text_hash"), ("url", "url_key"), ("title", "title_key"))


def upgrade() -> None:
    for name, kind, default in NEW:
        nullable = default is None
        op.add_column("items", sa.Column(name, kind, nullable=nullable, server_default=default))
    for name, column in INDEXES:
        op.create_index(f"ix_items_{name}", "items", ["workspace_id", column])
    _roles()
    _feeds()
    _curations()


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_roles_workspace_id"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["members.workspace_id", "members.id"],
            name="fk_roles_workspace_id_member_id",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", name="pk_roles"),
    )


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=NONE),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("audience_kind", sa.String(16), nullable=False),
        sa.Column("audience_ids", JSON, nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.String(128), nullable=False),
        sa.Column("paused_at", MOMENT),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("polled_at", MOMENT),
        sa.Column("etag", sa.Text(), nullable=False, server_default=NONE),
        sa.Column("modified", sa.Text(), nullable=False, server_default=NONE),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("problem", sa.Text(), nullable=False, server_default=NONE),
        sa.Column("brought", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_feeds_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_feeds"),
    )


def _curations() -> None:
    op.create_table(
        "curations",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("item_id", sa.String(128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_curations_workspace_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_curations"),
    )
    for name in ("workspace_id", "batch"):
        op.create_index(f"ix_curations_{name}", "curations", [name])
    op.create_index("ix_curations_item", "curations", ["workspace_id", "item_id"])


def downgrade() -> None:
    for table in ("curations", "feeds", "roles"):
        op.drop_table(table)
    for name, _ in INDEXES:
        op.drop_index(f"ix_items_{name}", "items")
    for name, *_ in NEW:
        op.drop_column("items", name)
