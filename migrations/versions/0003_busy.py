"""Keep until when a member shows that they are not to be disturbed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_busy"
down_revision = "0002_replay"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("busy_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    # in a batch: SQLite drops a column by copying the table
    with op.batch_alter_table("members") as members:
        members.drop_column("busy_until")
