"""Find the day's openers, and those that explored, without reading every decision."""

from __future__ import annotations

from alembic import op

revision = "0005_indexes"
down_revision = "0004_governing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_decisions_arm_at", "decisions", ["workspace_id", "arm", "at"])
    op.create_index("ix_openers_created", "openers", ["workspace_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_openers_created", "openers")
    op.drop_index("ix_decisions_arm_at", "decisions")
