"""Keep what a decision was made from, and when items came and changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002_replay"
down_revision = "0001_first"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("decisions", sa.Column("inputs", JSON))
    op.add_column("items", sa.Column("first_at", MOMENT))
    op.add_column("items", sa.Column("changed_at", MOMENT))


def downgrade() -> None:
    # in batches: SQLite drops a column by copying the table
    with op.batch_alter_table("items") as items:
        items.drop_column("changed_at")
        items.drop_column("first_at")
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_column("inputs")
