"""Keep what members think of answers, hand-offs under way, and what waits for a member's yes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_conversation"
down_revision = "0010_spending"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True, nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("agreed", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_index("ix_proposals_workspace_id", "proposals", ["workspace_id"])
    op.add_column("turns", sa.Column("rating", sa.Integer()))
    op.add_column("turns", sa.Column("rated_at", MOMENT))
    op.add_column("conversations", sa.Column("asked_at", MOMENT))
    op.add_column("handoffs", sa.Column("conversation_id", sa.String(64)))
    op.add_column("handoffs", sa.Column("shared", sa.Boolean()))
    op.add_column("handoffs", sa.Column("told_at", MOMENT))
    op.add_column("handoffs", sa.Column("reminded_at", MOMENT))
    op.add_column(
        "handoffs", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    # not in batches, which copy the table: others refer to the rows of these
    for name in ("reminders", "reminded_at", "told_at", "shared", "conversation_id"):
        op.drop_column("handoffs", name)
    op.drop_column("conversations", "asked_at")
    op.drop_column("turns", "rated_at")
    op.drop_column("turns", "rating")
    op.drop_table("proposals")
