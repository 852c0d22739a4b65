"""Consents: what each member agreed to, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, false, select, update

from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.marks import Marks


class Consents:
    """Reads and writes the consents of one workspace; withdrawn ones stay on record."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._beside = unit.beside
        self._workspace = unit.workspace

    def grant(
        self, member: str, purposes: Iterable[str], *, at: datetime, origin: str
    ) -> frozenset[str]:
        """Note that a member agrees from `at` on; returns the purposes that are new.

        `origin` says where they said so. A consent that stands already stays as it is.
        """
        new = frozenset(purposes) - self.granted(member)
        self._session.add_all(
            tables.Consent(
                workspace_id=self._workspace,
                member_id=member,
                purpose=purpose,
                granted_at=at,
                origin=origin,
            )
            for purpose in sorted(new)
        )
        self._session.flush()
        return new

    def withdraw(
        self, member: str, purposes: Iterable[str] | None = None, *, at: datetime
    ) -> frozenset[str]:
        """End these consents, or all of them, at `at`; returns the purposes that it ended.

        It is noted beside the database too, so that a restored copy does not forget it.
        """
        ended = (
            update(tables.Consent)
            .where(
                tables.Consent.workspace_id == self._workspace,
                tables.Consent.member_id == member,
                tables.Consent.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=at)
            .returning(tables.Consent.purpose)
        )
        if purposes is not None:
            ended = ended.where(tables.Consent.purpose.in_(sorted(purposes)))
        gone = frozenset(self._session.scalars(ended))
        if self._beside is not None:  # before the commit: rather once too often than forgotten
            journal = self._beside.withdrawals
            if purposes is None:
                journal.note(self._workspace, member, "left", at)
            elif gone:
                journal.note(self._workspace, member, "consent", at, sorted(gone))
        return gone

    def withdraw_older(
        self, member: str, purposes: Iterable[str] | None, *, at: datetime
    ) -> frozenset[str]:
        """As `withdraw`, for what was granted by `at`: a later yes stands. It is noted nowhere."""
        consent = tables.Consent
        ended = (
            update(consent)
            .where(
                consent.workspace_id == self._workspace,
                consent.member_id == member,
                consent.withdrawn_at.is_(None),
                consent.granted_at <= at,
            )
            .values(withdrawn_at=at)
            .returning(consent.purpose)
        )
        if purposes is not None:
            ended = ended.where(consent.purpose.in_(sorted(purposes)))
        return frozenset(self._session.scalars(ended))

    def granted(self, member: str) -> frozenset[str]:
        """The purposes that a member agrees to now."""
        mine = {"workspace": self._workspace, "member": member}
        return frozenset(self._session.scalars(_granted(), mine))

    def all_granted(self) -> dict[str, frozenset[str]]:
        """The same for everybody at once; who agrees to nothing is not in it."""
        found: dict[str, set[str]] = {}
        for member, purpose in self._session.execute(
            select(tables.Consent.member_id, tables.Consent.purpose).where(
                tables.Consent.workspace_id == self._workspace,
                tables.Consent.withdrawn_at.is_(None),
            )
        ):
            found.setdefault(member, set()).add(purpose)
        return {member: frozenset(purposes) for member, purposes in found.items()}

    def granted_at(self, as_of: Marks) -> dict[str, frozenset[str]]:
        """What everybody agreed to at these marks, whatever they said since."""
        found: dict[str, set[str]] = {}
        for member, purpose in self._session.execute(
            select(tables.Consent.member_id, tables.Consent.purpose).where(
                tables.Consent.workspace_id == self._workspace,
                marks.known("consents", as_of.consents) if as_of.consents else false(),
                marks.standing("consents_withdrawn", as_of.consents_withdrawn),
            )
        ):
            found.setdefault(member, set()).add(purpose)
        return {member: frozenset(purposes) for member, purposes in found.items()}

    def withdrawn_since(self, as_of: Marks) -> Sequence[tables.Consent]:
        """Consents that stood at these marks and were withdrawn since, by member and purpose."""
        return self._session.scalars(
            select(tables.Consent)
            .where(
                tables.Consent.workspace_id == self._workspace,
                marks.known("consents", as_of.consents) if as_of.consents else false(),
                tables.Consent.withdrawn_at.is_not(None),
                marks.standing("consents_withdrawn", as_of.consents_withdrawn),
            )
            .order_by(tables.Consent.member_id, tables.Consent.purpose)
        ).all()

    def record(self, member: str) -> Sequence[tables.Consent]:
        """Everything a member ever agreed to or withdrew, oldest first."""
        return self._session.scalars(
            select(tables.Consent)
            .where(
                tables.Consent.workspace_id == self._workspace,
                tables.Consent.member_id == member,
            )
            .order_by(tables.Consent.granted_at, tables.Consent.id)
        ).all()


@cache
def _granted() -> Select[str]:
    consent = tables.Consent
    return select(consent.purpose).where(
        consent.workspace_id == bindparam("workspace"),
        consent.member_id == bindparam("member"),
        consent.withdrawn_at.is_(None),
    )
