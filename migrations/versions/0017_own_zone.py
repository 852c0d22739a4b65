"""Remember who chose their time zone themselves, and find rows without reading all of a workspace.

Without statistics SQLite takes the first index that begins with the workspace, however many rows
that leaves: what is asked for all the time has an index that goes on with what is asked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_own_zone"
down_revision = "0016_redacting"
branch_labels = None
depends_on = None

NEW = (
    ("items", "message", ("workspace_id", "channel_id", "message_ref")),
    ("channel_members", "member", ("workspace_id", "member_id", "channel_id")),
    ("identities", "member", ("workspace_id", "channel", "member_id")),
    ("outbox", "opener", ("opener_id", "workspace_id")),
    ("inbox", "oldest", ("workspace_id", "done_at", "id")),
    ("outcomes", "opener", ("workspace_id", "opener_id")),
    ("conversations", "member", ("workspace_id", "member_id")),
    ("conversations", "opener", ("opener_id", "workspace_id")),
    ("turns", "conversation", ("workspace_id", "conversation_id")),
    ("turns", "key", ("workspace_id", "key")),
    ("slots", "day", ("workspace_id", "day")),
)
CHANGED = (
    ("outbox", "claim", ("state", "not_before")),
    ("inbox", "open", ("done_at", "conversation", "id")),
)
"""these did not say whose rows"""


def upgrade() -> None:
    op.add_column(
        "members",
        sa.Column("zone_is_own", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    for table, name, columns in NEW:
        op.create_index(f"ix_{table}_{name}", table, list(columns))
    for table, name, columns in CHANGED:
        op.drop_index(f"ix_{table}_{name}", table)
        op.create_index(f"ix_{table}_{name}", table, ["workspace_id", *columns])


def downgrade() -> None:
    for table, name, columns in CHANGED:
        op.drop_index(f"ix_{table}_{name}", table)
        op.create_index(f"ix_{table}_{name}", table, list(columns))
    for table, name, _ in NEW:
        op.drop_index(f"ix_{table}_{name}", table)
    # not in a batch, which copies the table: others refer to its rows
    op.drop_column("members", "zone_is_own")
