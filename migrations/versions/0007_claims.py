"""Say who works on an arrival or a job and where a message went; find what is due by member."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_claims"
down_revision = "0006_sealed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("address", sa.Text()))
    op.create_index("ix_outbox_member", "outbox", ["workspace_id", "member_id", "state"])
    op.create_index("ix_outbox_called", "outbox", ["workspace_id", "called_at"])
    op.add_column("inbox", sa.Column("owner", sa.String(64)))
    op.add_column("inbox", sa.Column("lease_until", sa.DateTime(timezone=True)))
    op.add_column("job_runs", sa.Column("owner", sa.String(64)))


def downgrade() -> None:
    # in batches: SQLite drops a column by copying the table
    with op.batch_alter_table("job_runs") as job_runs:
        job_runs.drop_column("owner")
    with op.batch_alter_table("inbox") as inbox:
        inbox.drop_column("lease_until")
        inbox.drop_column("owner")
    op.drop_index("ix_outbox_called", "outbox")
    op.drop_index("ix_outbox_member", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("address")
