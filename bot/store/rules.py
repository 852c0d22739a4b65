"""Rules that admins wrote: every change is a new version, and one version at most is on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select, update

from bot.store import tables
from bot.store.database import Unit


class AdminRules:
    """Reads and writes the rules of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def are_on(self) -> Sequence[tables.AdminRule]:
        """Those that are on, by name."""
        return self._session.scalars(_are_on(), {"workspace": self._workspace}).all()

    def list(self, name: str | None = None) -> Sequence[tables.AdminRule]:
        """All versions, by name and number; of one rule where it is named."""
        query = select(tables.AdminRule).where(tables.AdminRule.workspace_id == self._workspace)
        if name is not None:
            query = query.where(tables.AdminRule.name == name)
        return self._session.scalars(
            query.order_by(tables.AdminRule.name, tables.AdminRule.version)
        ).all()

    def save(self, name: str, expression: str, *, at: datetime, by: str) -> tables.AdminRule:
        """Keep an expression as the next version of a rule; it is off until it is switched on."""
        last = self.list(name)
        made = tables.AdminRule(
            workspace_id=self._workspace,
            name=name,
            version=last[-1].version + 1 if last else 1,
            expression=expression,
            is_on=False,
            saved_at=at,
            saved_by=by[:64],
        )
        self._session.add(made)
        self._session.flush()
        return made

    def switch(self, name: str, version: int | None) -> None:
        """Let this version be on and no other; None switches the rule off."""
        mine = tables.AdminRule.workspace_id == self._workspace, tables.AdminRule.name == name
        self._session.execute(
            update(tables.AdminRule)
            .where(*mine)
            .values(is_on=tables.AdminRule.version == (version or 0))
        )


@cache
def _are_on() -> Select[tables.AdminRule]:
    rule = tables.AdminRule
    mine = rule.workspace_id == bindparam("workspace")
    return select(rule).where(mine, rule.is_on).order_by(rule.name)
