"""Tell decisions that were asked for from those of a slot; keep who was erased, and where exports
went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_members_own"
down_revision = "0012_installing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "decisions", sa.Column("kind", sa.String(16), nullable=False, server_default="slot")
    )
    op.create_table(
        "erasures",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whose", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_erasures_workspace_id"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "name", name="pk_erasures"),
    )
    op.create_table(
        "exports",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_exports_workspace_id"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "folder", name="pk_exports"),
    )


def downgrade() -> None:
    op.drop_table("exports")
    op.drop_table("erasures")
    # not in a batch, which copies the table: others refer to its rows
    op.drop_column("decisions", "kind")
