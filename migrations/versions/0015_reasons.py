"""Keep with every decision why its pick came first, in words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_reasons"
down_revision = "0014_curating"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decisions", sa.Column("why", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("decisions", "why")
