"""Install by OAuth: states that are under way, organisations, and settings of one workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012_installing"
down_revision = "0011_conversation"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_oauth_states"),
    )
    op.create_index("ix_oauth_states_expires_at", "oauth_states", ["expires_at"])
    op.add_column(
        "workspaces", sa.Column("enterprise_id", sa.String(64), nullable=False, server_default="")
    )
    op.add_column("workspaces", sa.Column("org_id", sa.String(64), nullable=True))
    op.add_column(
        "workspaces",
        sa.Column("is_org", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("workspaces", sa.Column("settings", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in ("settings", "is_org", "org_id", "enterprise_id"):
        op.drop_column("workspaces", name)
    op.drop_table("oauth_states")
