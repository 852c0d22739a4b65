"""An Enterprise Grid organisation: workspaces under one roof, with one token for all of them.

Source: docs.slack.dev/enterprise/organization-ready-apps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.emulator.oauth import Codes
from bot.emulator.tokens import BotTokens

if TYPE_CHECKING:
    from bot.emulator.workspace import EmulatedWorkspace

Json = dict[str, Any]


class Organisation:
    """Workspaces are made with it; once it `has_app`, the app is in those that it `admits`."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        id: str = "E0DEMO0001",
        name: str = "Overture organisation",
        token_seconds: int | None = None,
    ) -> None:
        self.id, self.name = id, name
        self.tokens = BotTokens(clock, token_seconds)
        self.codes = Codes(clock)
        self.has_app = False
        self.admits: set[str] = set()
        self._workspaces: list[EmulatedWorkspace] = []

    def take_in(self, workspace: EmulatedWorkspace) -> None:
        """A workspace comes under this roof, and the app may be in it."""
        self._workspaces.append(workspace)
        self.admits.add(workspace.id)

    @property
    def admitted(self) -> list[EmulatedWorkspace]:
        return [one for one in self._workspaces if one.id in self.admits]

    def let(self, team: str, grants: bool, at: float) -> Json:
        """Let the app into a workspace, or take it out; the event that tells of it."""
        self.admits = self.admits | {team} if grants else self.admits - {team}
        kind = "team_access_granted" if grants else "team_access_revoked"
        return {"type": kind, "team_ids": [team], "event_ts": f"{at:.6f}"}

    def tells(self, team: str, event: str) -> bool:
        """Whether the app hears of an event in one of the workspaces."""
        return team in self.admits or event == "team_access_revoked"

    @property
    def named(self) -> Json:
        return {"id": self.id, "name": self.name}

    def person(self, user: str) -> Json:
        """What a person is beyond one workspace, as `enterprise_user` tells it."""
        teams = [one.id for one in self._workspaces if one.person(user) is not None]
        return {
            "id": user,
            "enterprise_id": self.id,
            "enterprise_name": self.name,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "teams": teams,
        }
