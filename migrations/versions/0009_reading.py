"""Say since when a conversation cannot be read, and keep edits that come before their message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_reading"
down_revision = "0008_mentions"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("unread_since", MOMENT))
    op.add_column("outbox", sa.Column("seen_at", MOMENT))
    op.add_column("workspaces", sa.Column("reads_held_until", MOMENT))
    op.add_column("installations", sa.Column("refresher", sa.String(64)))
    op.add_column("installations", sa.Column("refreshing_until", MOMENT))
    op.create_table(
        "corrections",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("message_ref", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64)),
        sa.Column("text", sa.Text()),
        sa.Column("came_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_corrections_workspace_id"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["members.workspace_id", "members.id"],
            name="fk_corrections_workspace_id_member_id",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "address", "message_ref", name="pk_corrections"),
    )


def downgrade() -> None:
    op.drop_table("corrections")
    # not in batches, which copy the table: others refer to the rows of these
    op.drop_column("installations", "refreshing_until")
    op.drop_column("installations", "refresher")
    op.drop_column("workspaces", "reads_held_until")
    op.drop_column("outbox", "seen_at")
    op.drop_column("outbox", "unread_since")
