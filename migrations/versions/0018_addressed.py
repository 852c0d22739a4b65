"""Find what is addressed to members without reading all items of a workspace."""

from __future__ import annotations

from alembic import op

revision = "0018_addressed"
down_revision = "0017_own_zone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_items_addressed", "items", ["workspace_id", "addressed_to"])


def downgrade() -> None:
    op.drop_index("ix_items_addressed", "items")
