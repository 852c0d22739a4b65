"""Review before sending: approve, edit, answer back or skip. Nothing leaves that waits here.

All guards run on an edited text, and the rules run again at sending: an approval says that the
words are good, not that the moment is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.deciding.briefing import Briefing
from bot.openers.because import clause
from bot.openers.brief import Brief
from bot.openers.compose import REASONS
from bot.openers.guards import FEWEST_WORDS, OpenerFacts, check
from bot.ports import Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store, Unit
from bot.store.items import Items, stored
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outbox import OutboxRows
from bot.store.reviews import Reviews
from bot.store.workspaces import Workspaces

Decided = Literal["approved", "edited", "answered", "skipped"]
BUTTONS = (("review_ok", "Approve"), ("review_edit", "Edit"), ("review_note", "Answer back"),
           ("review_skip", "Skip"))  # fmt: skip
PRIVATE = "(about something that not everybody here can see; `overture reviews list` shows it)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One opener that waits for a person."""

    opener: str
    name: str
    """of the member it is for"""
    text: str
    about: str
    why: str
    asked_at: datetime
    for_all: bool
    """whether everybody in the workspace could see what it is about"""


@dataclass(frozen=True)
class Reviewer:
    """Decides on held openers; each decision is one entry of the audit log."""

    store: Store
    workspace: str
    briefing: Briefing

    def switch(self, on: bool, *, by: str, now: datetime) -> None:
        """Hold every opener for review from now on, or none; those that wait go on waiting."""
        with self.store.writing(self.workspace) as unit:
            row = Workspaces(unit).lock(self.workspace)
            if row.reviews is not on:
                row.reviews = on
                Audit(unit).append(now, by, f"reviews.{'on' if on else 'off'}", self.workspace)
            unit.commit()

    def waiting(self) -> list[Waiting]:
        """What waits, the oldest first."""
        with self.store.reading(self.workspace) as unit:
            return [_waiting(unit, *found) for found in Reviews(unit).waiting()]

    def find(self, prefix: str) -> str:
        """The one waiting opener whose id begins so. Raises Refused for none or several."""
        found = [one.opener for one in self.waiting() if one.opener.startswith(prefix)]
        if len(found) != 1:
            problem = "is ambiguous" if found else "waits for no review"
            raise Refused(f"opener {prefix!r} {problem}. `overture reviews list` has all.")
        return found[0]

    def announce(self, channel: str | None, now: datetime) -> int:
        """Show what waits in the review channel, each once; returns how many were new."""
        if channel is None:
            return 0
        new = 0
        with self.store.writing(self.workspace) as unit:
            for review, opener in Reviews(unit).waiting():
                told = _waiting(unit, review, opener)
                new += OutboxRows(unit).add(
                    member=opener.member_id,
                    kind="answer",
                    dedupe_key=f"review:{opener.id}",
                    content={
                        "text": announcement(told),
                        "buttons": [list(pair) for pair in BUTTONS],
                        "opener": opener.id,
                    },
                    expires_at=_expires(unit, opener, now),
                    now=now,
                    address=channel,
                )
            unit.commit()
        return new

    def decide(
        self,
        unit: Unit,
        opener_id: str,
        decided: Decided,
        *,
        by: str,
        now: datetime,
        text: str = "",
    ) -> tables.Review:
        """Decide on an opener in the caller's transaction; `text` is its new text, or the note.

        Raises Refused: it does not wait any more, or its new text may not be said, and why.
        """
        review, opener = _held(unit, opener_id)
        if decided == "edited":
            text = self.check(unit, opener_id, text)
            review.edited, opener.text = text, text
        if decided == "answered":
            review.note = text[:2000]
        if decided in ("approved", "edited"):
            Reviews(unit).release(opener, now)
        else:
            Reviews(unit).withdraw(opener, f"review_{decided}")
        review.state, review.decided_at, review.decided_by = decided, now, by[:64]
        Audit(unit).append(now, by, f"review.{decided}", opener.id)
        return review

    def check(self, unit: Unit, opener_id: str, text: str) -> str:
        """Hold a text of a person to what a model's is held to; returns it on one line.

        Raises Refused: the opener does not wait any more, or the text may not be said, and why.
        """
        _, opener = _held(unit, opener_id)
        text = " ".join(text.split())
        item, member = Items(unit).get(opener.item_id), Members(unit).get(opener.member_id)
        if item is None or member is None:
            raise Refused(f"what opener {opener.id} is about is not there any more; skip it")
        about = self.briefing.about(stored(item))
        first = (member.name.split() or [member.name])[0]
        brief = Brief(first, about, opener.style, clause(opener.why)).cleaned()
        found = check(text, OpenerFacts.of(brief))
        if found:
            said = {**REASONS, "too_short": f"fewer than {FEWEST_WORDS} words"}
            told = "; ".join(dict.fromkeys(said[one.reason] for one in found))
            raise Refused(f"this text may not be sent: {told}")
        return text


def announcement(told: Waiting) -> str:
    """What the review channel reads; nothing that not everybody there could see for themselves."""
    if not told.for_all:
        return f"An opener for {told.name} waits for a review {PRIVATE}."
    return f"For {told.name}, about “{told.about}”:\n\n{told.text}\n\nWhy: {told.why or '–'}"


def _held(unit: Unit, opener_id: str) -> tuple[tables.Review, tables.Opener]:
    review, opener = Reviews(unit).get(opener_id), Openers(unit).get(opener_id)
    if review is None or opener is None or review.state != "waiting" or opener.state != "held":
        raise Refused("this opener does not wait for a review any more")
    return review, opener


def _waiting(unit: Unit, review: tables.Review, opener: tables.Opener) -> Waiting:
    item, member = Items(unit).get(opener.item_id), Members(unit).get(opener.member_id)
    for_all = item is not None and item.audience_kind == "workspace" and item.addressed_to is None
    return Waiting(
        opener=opener.id,
        name=member.name if member is not None else opener.member_id,
        text=opener.text,
        about=item.title if item is not None else "",
        why=opener.why,
        asked_at=review.asked_at,
        for_all=for_all,
    )


def _expires(unit: Unit, opener: tables.Opener, now: datetime) -> datetime:
    row = Reviews(unit).row(opener.id)
    return row.expires_at if row is not None else now
