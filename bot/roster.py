"""Which workspaces a process serves: those that are installed, as the database says it now."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.store.addresses import nearness
from bot.store.database import Store
from bot.store.members import Members
from bot.store.workspaces import Served, Workspaces

T = TypeVar("T")

log = logging.getLogger("overture.roster")


class Roster(Generic[T]):
    """What is made of each workspace that is served, made anew where what it depends on changed.

    `home` is the workspace of the settings' own token: it is served without an installation.
    """

    def __init__(
        self,
        store: Store,
        home: str | None,
        take: Callable[[Served], T],
        let_go: Callable[[T], None],
    ) -> None:
        self._store = store
        self._home = home
        self._take, self._let_go = take, let_go
        self._guard = threading.Lock()
        self._looking = threading.Lock()
        """one looks at a time; nobody waits for it who asks for what is known"""
        self._known: dict[str, tuple[Served, T]] = {}

    @property
    def all(self) -> tuple[T, ...]:
        with self._guard:
            return tuple(made for _, made in self._known.values())

    def look(self) -> None:
        """Take in workspaces that are new, and let go of those that are out.

        One that changed is found as it was until it is made anew. A workspace that cannot be taken
        in is reported, tried again, and keeps no other one out.
        """
        with self._looking:
            served = {one.id: one for one in self._served()}
            with self._guard:
                known = dict(self._known)
                for team in known.keys() - served.keys():
                    del self._known[team]
            for team, (row, made) in known.items():
                if served.get(team) != row:
                    self._let_go(made)  # waits for what it is at, which may be a night
            for team, row in served.items():
                if team not in known or known[team][0] != row:
                    self._add(row)

    def _add(self, row: Served) -> None:
        try:
            made = self._take(row)
        except Exception:
            log.exception("workspace %s cannot be served; it is tried again", row.id)
            return
        with self._guard:
            self._known[row.id] = row, made

    def find(
        self,
        team: str | None,
        enterprise: str | None,
        user: str | None,
        address: str | None = None,
        thread: str | None = None,
    ) -> T | None:
        """What is made of the workspace that Slack names; None where it is not served.

        Slack names no team, or the organisation in its place, for some of what happens in one: then
        it is the workspace there that knows the person, and of several the one that spoke in this
        thread, or spoke last at this address.
        """
        if not team and not enterprise:
            return None
        where = (address, thread)
        found = self._find(team, enterprise, user, *where)
        if found is None:
            self.look()  # it may have been installed just now, by another process
            found = self._find(team, enterprise, user, *where)
        return found

    def knowing(self, org: str, user: str) -> tuple[T, ...]:
        """What is made of each workspace that an organisation's tokens are for and that knows
        a person."""
        return tuple(made for _, made in self._knowing(org, user))

    def _find(
        self,
        team: str | None,
        enterprise: str | None,
        user: str | None,
        address: str | None,
        thread: str | None,
    ) -> T | None:
        with self._guard:
            known = dict(self._known)
        if team in known:
            row, made = known[team]
            others = bool(row.enterprise and enterprise) and row.enterprise != enterprise
            return None if others else made
        org = enterprise or team
        if team and team != org:
            return None
        several = self._knowing(str(org), user) if user else []
        if len(several) > 1 and address:
            several.sort(key=lambda one: self._spoke(one[0].id, address, thread), reverse=True)
        return several[0][1] if several else None

    def _knowing(self, org: str, user: str) -> list[tuple[Served, T]]:
        with self._guard:
            known = list(self._known.values())
        return [
            (row, made)
            for row, made in known
            if row.by_org and row.holder == org and self._knows(row.id, user)
        ]

    def _spoke(self, team: str, address: str, thread: str | None) -> tuple[bool, bool, float]:
        with self._store.reading(team) as unit:
            return nearness(unit, address, thread)

    def _knows(self, team: str, user: str) -> bool:
        with self._store.reading(team) as unit:
            return Members(unit).behind("slack", user) is not None

    def _served(self) -> tuple[Served, ...]:
        with self._store.reading("") as unit:
            served = Workspaces(unit).served()
            if self._home is None or self._home in {one.id for one in served}:
                return served
            row = Workspaces(unit).get(self._home)
        if row is None:
            return served
        return (Served(row.id, row.enterprise_id, row.id, row.settings, row.created_at), *served)
