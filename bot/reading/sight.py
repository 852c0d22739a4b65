"""A member as their channel shows them: may they be disturbed just now?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.policy.facts import Standing
from bot.policy.written import asks_presence
from bot.ports import Presences
from bot.store.database import Store
from bot.store.due import Due
from bot.store.members import Members

SOON = timedelta(minutes=1)
"""who will be written to within that time is read together"""
AT_ONCE = 50


@dataclass(frozen=True)
class Sight:
    """Adds to a standing what can be seen; a channel that shows nothing needs none of this."""

    store: Store
    workspace: str
    channel: str
    presences: Presences

    def expect(self, members: Iterable[str]) -> None:
        """Say whom `look` will be asked about next, in order."""
        with self.store.reading(self.workspace) as unit:
            people = Members(unit).externals(self.channel, members)
        self.presences.expect(lambda: people)

    def look(self, standing: Standing, *, closely: bool) -> Standing:
        """The standing with do-not-disturb and, `closely`, status and presence; calls out.

        Somebody whom the channel does not know cannot be read, and cannot be written to either.
        """
        with self.store.reading(self.workspace) as unit:
            identity = Members(unit).identity(self.channel, standing.member)
        if closely:  # whoever sends does not know who is next; the outbox does
            self.presences.expect(lambda: self._next(standing))
        seen = None
        if identity is not None:
            away = closely and asks_presence(standing)
            seen = self.presences.look(
                identity.external_id, standing.now, closely=closely, away=away
            )
        if seen is None:
            return replace(standing, unreadable=True)
        return replace(standing, dnd=seen.dnd, busy=standing.busy or seen.busy, away=seen.away)

    def _next(self, standing: Standing) -> Sequence[str]:
        with self.store.reading(self.workspace) as unit:
            next_up = Due(unit).next_members(standing.now + SOON, AT_ONCE)
            ahead = [standing.member, *(one for one in next_up if one != standing.member)]
            return Members(unit).externals(self.channel, ahead)
