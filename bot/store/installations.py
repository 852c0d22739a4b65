"""Installations: the tokens of each workspace, sealed, and who put them there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.store import tables
from bot.store.database import Unit

ADOPTED = "settings"
"""who put tokens there that began in the settings, and not by OAuth"""


@dataclass(frozen=True, slots=True)
class Granted:
    """What Slack hands over for one workspace, or for an organisation and all of its workspaces.

    `expires_at` is None for a token that lasts.
    """

    team: str
    """the workspace's id; the organisation's where it `is_org`"""
    bot_token: str
    refresh_token: str | None = None
    expires_at: datetime | None = None
    team_name: str = ""
    enterprise: str = ""
    app: str = ""
    bot_user: str = ""
    scopes: str = ""
    is_org: bool = False
    installer: str = ""
    """who installed it"""

    def __repr__(self) -> str:
        return f"Granted(team={self.team!r}, expires_at={self.expires_at})"


class Installations:
    """Reads and writes the installation of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self) -> tables.Installation | None:
        return self._session.get(tables.Installation, self._workspace)

    def lock(self) -> tables.Installation | None:
        """The row, held until the unit ends: whoever refreshes its token does so alone.

        On SQLite a writing unit already excludes every other one.
        """
        return self._session.scalar(
            select(tables.Installation)
            .where(tables.Installation.workspace_id == self._workspace)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def save(self, granted: Granted, at: datetime, by: str = "") -> tables.Installation:
        """Keep what was granted, in the place of what was there."""
        row = self.lock()
        if row is None:
            row = tables.Installation(
                workspace_id=self._workspace, installed_at=at, installed_by=by[:64]
            )
            self._session.add(row)
        else:
            row.refreshed_at = at
        said = {
            "team_id": granted.team, "enterprise_id": granted.enterprise, "app_id": granted.app,
            "bot_user_id": granted.bot_user, "scopes": granted.scopes,
        }  # fmt: skip
        for name, value in said.items():
            if value or getattr(row, name) is None:  # the answer to a refresh may say less
                setattr(row, name, value)
        row.expires_at = granted.expires_at
        row.bot_token, row.refresh_token = granted.bot_token, granted.refresh_token
        row.refresher = row.refreshing_until = None
        self._session.flush()
        return row

    def claim(self, by: str, now: datetime, until: datetime) -> bool:
        """Say who trades the refresh token in, for it works once; False while another one does.

        Whoever has not ended by `until` is taken for dead.
        """
        row = self.lock()
        if row is None or (row.refreshing_until is not None and now < row.refreshing_until):
            return False
        row.refresher, row.refreshing_until = by, until
        self._session.flush()
        return True

    def release(self, by: str) -> None:
        """It was not traded in after all."""
        row = self.lock()
        if row is not None and row.refresher == by:
            row.refresher = row.refreshing_until = None
            self._session.flush()

    def remove(self) -> bool:
        """Delete the tokens; False where there were none."""
        gone = self._session.execute(
            delete(tables.Installation)
            .where(tables.Installation.workspace_id == self._workspace)
            .returning(tables.Installation.workspace_id)
        )
        return gone.first() is not None
