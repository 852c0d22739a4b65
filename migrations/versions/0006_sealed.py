"""Payloads become text, so that they can be sealed, and the audit log refuses to be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006_sealed"
down_revision = "0005_indexes"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
PAYLOADS = ("inbox", "outbox")
SEALED = "ovt1:%"

_TO_TEXT = """ALTER TABLE {table} ALTER COLUMN payload TYPE TEXT USING
    CASE jsonb_typeof(payload) WHEN 'string' THEN payload #>> '{{}}' ELSE payload::text END"""
_TO_JSON = """ALTER TABLE {table} ALTER COLUMN payload TYPE JSONB USING
    CASE WHEN payload LIKE 'ovt1:%' THEN to_jsonb(payload) ELSE payload::jsonb END"""

_REFUSE = """CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$"""


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in PAYLOADS:
        if on_postgresql:
            op.execute(sa.text(_TO_TEXT.format(table=table)))
            continue
        with op.batch_alter_table(table) as altered:
            altered.alter_column("payload", existing_type=JSON, type_=sa.Text(), nullable=False)
        # a value that was sealed before a downgrade was kept as a string of JSON
        op.execute(
            sa.text(
                f"UPDATE {table} SET payload = json_extract(payload, '$')"
                " WHERE payload LIKE '\"%' AND json_type(payload) = 'text'"
            )
        )
    _append_only(on_postgresql)


def _append_only(on_postgresql: bool) -> None:
    if on_postgresql:
        op.execute(_REFUSE)
        op.execute(
            "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
        )
        return
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_log_no_{act} BEFORE {act.upper()} ON audit_log"
            " BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
        )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute("DROP TRIGGER audit_log_no_change ON audit_log")
        op.execute("DROP FUNCTION audit_log_append_only()")
    else:
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_log_no_{act}")
    for table in PAYLOADS:
        if on_postgresql:
            op.execute(sa.text(_TO_JSON.format(table=table)))
            continue
        op.execute(
            sa.text(
                f"UPDATE {table} SET payload = json_quote(payload) WHERE payload LIKE :mark"
            ).bindparams(mark=SEALED)
        )
        with op.batch_alter_table(table) as altered:
            altered.alter_column("payload", existing_type=sa.Text(), type_=JSON, nullable=False)
