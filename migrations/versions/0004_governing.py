"""Make room for rules of admins, reviews, an audit log, a quiet shelf, installations and arms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_governing"
down_revision = "0003_busy"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _workspace(*, key: bool) -> sa.Column[str]:
    where = sa.ForeignKey("workspaces.id")
    return sa.Column("workspace_id", sa.String(64), where, primary_key=key, nullable=False)


def _of_member() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
    )


def upgrade() -> None:
    _columns()
    _rules_and_reviews()
    _log_and_installations()
    _shelf_and_arms()


def _columns() -> None:
    for table in ("workspaces", "members"):
        country = sa.Column("country", sa.String(8), nullable=False, server_default="")
        op.add_column(table, country)
    reviews = sa.Column("reviews", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    op.add_column("workspaces", reviews)
    op.add_column("workspaces", sa.Column("paused_at", MOMENT))
    reason = sa.Column("pause_reason", sa.Text(), nullable=False, server_default="")
    op.add_column("workspaces", reason)
    op.add_column("workspaces", sa.Column("held_until", MOMENT))
    op.add_column("workspaces", sa.Column("uninstalled_at", MOMENT))
    op.add_column("outbox", sa.Column("settled_by", sa.String(64)))


def _rules_and_reviews() -> None:
    op.create_table(
        "admin_rules",
        _workspace(key=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.UniqueConstraint("workspace_id", "name", "version"),
    )
    op.create_index("ix_admin_rules_workspace_id", "admin_rules", ["workspace_id"])
    op.create_table(
        "reviews",
        _workspace(key=True),
        sa.Column("opener_id", sa.String(64), sa.ForeignKey("openers.id"), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("edited", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("message_ref", sa.String(64)),
    )
    op.create_index("ix_reviews_state", "reviews", ["state"])


def _log_and_installations() -> None:
    op.create_table(
        "audit_log",
        _workspace(key=False),
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(192), nullable=False, server_default=""),
        sa.Column("details", JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("workspace_id", "number"),
    )
    op.create_index("ix_audit_log_workspace_id", "audit_log", ["workspace_id"])
    op.create_table(
        "installations",
        _workspace(key=True),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("enterprise_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("app_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("bot_user_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("scopes", sa.Text(), nullable=False, server_default=""),
        sa.Column("bot_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("expires_at", MOMENT),
        sa.Column("installed_at", MOMENT, nullable=False),
        sa.Column("installed_by", sa.String(64), nullable=False, server_default=""),
        sa.Column("refreshed_at", MOMENT),
    )


def _shelf_and_arms() -> None:
    op.create_table(
        "shelf",
        _workspace(key=True),
        sa.Column("member_id", sa.String(64), primary_key=True),
        sa.Column("item_id", sa.String(128), primary_key=True),
        sa.Column("decision_id", sa.String(64), sa.ForeignKey("decisions.id"), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("opened_at", MOMENT),
        sa.Column("dismissed_at", MOMENT),
        _of_member(),
    )
    op.create_table(
        "arm_stops",
        _workspace(key=True),
        sa.Column("experiment", sa.String(64), primary_key=True),
        sa.Column("arm", sa.String(32), primary_key=True),
        sa.Column("stopped_at", MOMENT, nullable=False),
        sa.Column("stopped_by", sa.String(64), nullable=False),
        sa.Column("figures", JSON, nullable=False),
    )
    op.create_table(
        "shadow_scores",
        _workspace(key=True),
        sa.Column("decision_id", sa.String(64), sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("model_version", sa.String(32), primary_key=True),
        sa.Column("item_id", sa.String(128), nullable=False),
        sa.Column("engages", sa.Float(), nullable=False),
        sa.Column("served_engages", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    for table in (
        "shadow_scores",
        "arm_stops",
        "shelf",
        "installations",
        "audit_log",
        "reviews",
        "admin_rules",
    ):
        op.drop_table(table)
    # in batches: SQLite drops a column by copying the table
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("settled_by")
    with op.batch_alter_table("members") as members:
        members.drop_column("country")
    with op.batch_alter_table("workspaces") as workspaces:
        for column in (
            "uninstalled_at",
            "held_until",
            "paused_at",
            "pause_reason",
            "reviews",
            "country",
        ):
            workspaces.drop_column(column)
