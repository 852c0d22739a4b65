"""Tell whose words changed, so that not everybody's have to be read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_reworded"
down_revision = "0018_addressed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "members", sa.Column("reworded", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("members", "reworded")  # not in a batch: others refer to its rows
