"""The audit log still refuses to be changed, but for who had their data deleted: they are named no
more, and nothing else of an entry moves."""

from __future__ import annotations

from alembic import op

revision = "0016_redacting"
down_revision = "0015_reasons"
branch_labels = None
depends_on = None

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
_KEPT = ("id", "workspace_id", "number", "at", "action", "previous", "hash")


def _redacts(same: str, empty: str) -> str:
    kept = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in _KEPT)
    return (
        f"{kept} AND NEW.who IN (OLD.who, 'erased') AND NEW.subject = 'erased'"
        f" AND NEW.details = {empty}"
    )


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        redacts = _redacts("IS NOT DISTINCT FROM", "'{}'::jsonb")
        op.execute("DROP TRIGGER audit_log_no_change ON audit_log")
        op.execute(
            f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log FOR EACH ROW"
            f" WHEN (NOT ({redacts})) EXECUTE FUNCTION audit_log_append_only()"
        )
        op.execute(
            "CREATE TRIGGER audit_log_no_delete BEFORE DELETE OR TRUNCATE ON audit_log"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
        )
        return
    redacts = _redacts("IS", "'{}'")
    op.execute("DROP TRIGGER audit_log_no_update")
    op.execute(
        f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log"
        f" WHEN NOT ({redacts}) {_REFUSE}"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_log_no_update ON audit_log")
        op.execute("DROP TRIGGER audit_log_no_delete ON audit_log")
        op.execute(
            "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
        )
        return
    op.execute("DROP TRIGGER audit_log_no_update")
    op.execute(f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log {_REFUSE}")
