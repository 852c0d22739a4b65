"""Keep what the language model cost, by decision and by day, and the language of members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_spending"
down_revision = "0009_reading"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_spending_workspace_id"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", "purpose", name="pk_spending"),
    )
    for name in ("prompt_tokens", "completion_tokens"):
        op.add_column(
            "decisions", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    op.add_column(
        "decisions", sa.Column("micros", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "decisions",
        sa.Column("estimated", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("members", sa.Column("locale", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("members", "locale")
    for name in ("estimated", "micros", "completion_tokens", "prompt_tokens"):
        op.drop_column("decisions", name)
    op.drop_table("spending")
