"""Keep whom an item's words name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008_mentions"
down_revision = "0007_claims"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    mentions = sa.Column("mentions", JSON, nullable=False, server_default=sa.text("'[]'"))
    op.add_column("items", mentions)


def downgrade() -> None:
    with op.batch_alter_table("items") as items:
        items.drop_column("mentions")
