"""The first tables.

One flat list, as long as there are tables: a revision is read beside `bot/store/tables.py`.
Names of constraints follow the naming convention there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False, server_default="UTC"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("killed_at", MOMENT),
        sa.Column("killed_by", sa.Text()),
    )
    op.create_table(
        "channels",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(192), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("conversation", sa.String(128), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.UniqueConstraint("workspace_id", "key"),
    )
    op.create_index("ix_inbox_open", "inbox", ["done_at", "conversation", "id"])
    op.create_index("ix_inbox_workspace_id", "inbox", ["workspace_id"])
    op.create_table(
        "items",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("builds_on", JSON, nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("author_id", sa.String(64)),
        sa.Column("channel_id", sa.String(64)),
        sa.Column("message_ref", sa.String(64)),
        sa.Column("audience_kind", sa.String(16), nullable=False),
        sa.Column("audience_ids", JSON, nullable=False),
        sa.Column("addressed_to", sa.String(64)),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("approved_at", MOMENT),
        sa.Column("approved_by", sa.Text()),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("imported_at", MOMENT, nullable=False),
    )
    op.create_table(
        "job_runs",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("job", sa.String(32), primary_key=True),
        sa.Column("slot", sa.String(32), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("summary", JSON),
    )
    op.create_table(
        "members",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, server_default=""),
        sa.Column("team", sa.Text(), nullable=False, server_default=""),
        sa.Column("zone", sa.Text(), nullable=False, server_default=""),
        sa.Column("is_bot", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("is_guest", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("is_stranger", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("pilot", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("came_at", MOMENT),
        sa.Column("welcomed_at", MOMENT),
        sa.Column("deactivated_at", MOMENT),
        sa.Column("left_at", MOMENT),
        sa.Column("paused_until", MOMENT),
        sa.Column("daily_cap", sa.Integer()),
        sa.Column("weekly_cap", sa.Integer()),
        sa.Column("day_starts", sa.Integer()),
        sa.Column("day_ends", sa.Integer()),
        sa.Column("weekdays", sa.Text()),
    )
    op.create_table(
        "runs",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("now", MOMENT, nullable=False),
        sa.Column("summary", JSON, nullable=False),
    )
    op.create_index("ix_runs_workspace_id", "runs", ["workspace_id"])
    op.create_table(
        "topics",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("slug", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, server_default=""),
        sa.Column("sensitive", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.create_table(
        "channel_members",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("channel_id", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_table(
        "consents",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_index("ix_consents_member", "consents", ["workspace_id", "member_id", "purpose"])
    op.create_index("ix_consents_workspace_id", "consents", ["workspace_id"])
    op.create_table(
        "decisions",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("slot", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("slate", JSON),
        sa.Column("item_id", sa.String(128)),
        sa.Column("style", sa.String(32)),
        sa.Column("arm", sa.String(32), nullable=False),
        sa.Column("p_speak", sa.Double()),
        sa.Column("p_item", sa.Double()),
        sa.Column("p_style", sa.Double()),
        sa.Column("propensity", sa.Double()),
        sa.Column("engages", sa.Double()),
        sa.Column("dismisses", sa.Double()),
        sa.Column("opts_out", sa.Double()),
        sa.Column("utility", sa.Double()),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("model_version", sa.String(32)),
        sa.Column("policy_version", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
        sa.UniqueConstraint("workspace_id", "member_id", "slot"),
    )
    op.create_index("ix_decisions_run_id", "decisions", ["run_id"])
    op.create_index("ix_decisions_workspace_id", "decisions", ["workspace_id"])
    op.create_table(
        "identities",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("external_id", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("address", sa.Text()),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_table(
        "signals",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(192), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("item_id", sa.String(128)),
        sa.Column("channel_id", sa.String(64)),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
        sa.UniqueConstraint("workspace_id", "key"),
    )
    op.create_index("ix_signals_member_at", "signals", ["workspace_id", "member_id", "at"])
    op.create_index("ix_signals_workspace_id", "signals", ["workspace_id"])
    op.create_table(
        "slots",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("best_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=False, server_default=""),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_table(
        "topic_choices",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("stance", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_table(
        "openers",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "decision_id", sa.String(64), sa.ForeignKey("decisions.id"), nullable=False, unique=True
        ),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("item_id", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("style", sa.String(32), nullable=False),
        sa.Column("prompt", sa.String(128), nullable=False),
        sa.Column("language_model", sa.String(128), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("address", sa.String(64)),
        sa.Column("message_ref", sa.String(64)),
        sa.Column("window_closes_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("satisfaction", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_index("ix_openers_member_sent", "openers", ["workspace_id", "member_id", "sent_at"])
    op.create_index("ix_openers_message_ref", "openers", ["message_ref"])
    op.create_index("ix_openers_state", "openers", ["state"])
    op.create_index("ix_openers_workspace_id", "openers", ["workspace_id"])
    op.create_table(
        "conversations",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("opener_id", sa.String(64), sa.ForeignKey("openers.id")),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("thread_ref", sa.String(64), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
        sa.UniqueConstraint("workspace_id", "address", "thread_ref"),
    )
    op.create_index("ix_conversations_workspace_id", "conversations", ["workspace_id"])
    op.create_table(
        "handoffs",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("opener_id", sa.String(64), sa.ForeignKey("openers.id")),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.Column("taken_by", sa.Text()),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
    )
    op.create_index("ix_handoffs_workspace_id", "handoffs", ["workspace_id"])
    op.create_table(
        "outbox",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("opener_id", sa.String(64), sa.ForeignKey("openers.id")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("dedupe_key", sa.String(192), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
        sa.Column("called_at", MOMENT),
        sa.Column("absent_reads", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("message_ref", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
        sa.UniqueConstraint("workspace_id", "dedupe_key"),
    )
    op.create_index("ix_outbox_claim", "outbox", ["state", "not_before"])
    op.create_index("ix_outbox_workspace_id", "outbox", ["workspace_id"])
    op.create_table(
        "outcomes",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("opener_id", sa.String(64), sa.ForeignKey("openers.id"), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seconds_after", sa.Double(), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
        ),
        sa.UniqueConstraint("opener_id", "kind"),
    )
    op.create_index("ix_outcomes_workspace_id", "outcomes", ["workspace_id"])
    op.create_table(
        "turns",
        sa.Column("workspace_id", sa.String(64), sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column(
            "conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False
        ),
        sa.Column("key", sa.String(192), nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("prompt", sa.String(128), nullable=False, server_default=""),
        sa.Column("language_model", sa.String(128), nullable=False, server_default=""),
        sa.UniqueConstraint("conversation_id", "key"),
    )
    op.create_index("ix_turns_workspace_id", "turns", ["workspace_id"])


def downgrade() -> None:
    for table in (
        "turns",
        "outcomes",
        "outbox",
        "handoffs",
        "conversations",
        "openers",
        "topic_choices",
        "slots",
        "signals",
        "identities",
        "decisions",
        "consents",
        "channel_members",
        "topics",
        "runs",
        "members",
        "job_runs",
        "items",
        "inbox",
        "channels",
        "workspaces",
    ):
        op.drop_table(table)
