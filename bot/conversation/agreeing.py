"""What a member agrees to, pauses or ends: by the welcome message, the home tab, the one modal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handlers
from bot.deciding.brake import Brake
from bot.inbox import Act, After, moment
from bot.policy import pauses
from bot.policy.purposes import NAMES, OPENERS
from bot.ports import Arrival, Asked
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.outcomes import Outcomes
from bot.store.shelf import Shelf
from bot.store.topics import Topics
from bot.store.workspaces import Workspaces
from recsys.types import OutcomeKind

MOST_TOPICS = 100
"""that a menu of Slack's takes"""


@dataclass(frozen=True)
class Agreeing:
    """Handles everything that changes whether we may speak to a member, and what we may use."""

    channel_name: str
    conversing: Conversing
    brake: Brake

    def handlers(self) -> Handlers:
        pressed = ("consent_yes", "consent_no", "withdraw", "allow", "disallow", "pause", "resume")
        return Handlers(
            presses=dict.fromkeys(pressed, self.press),
            modals={"choose": self.chosen},
            shows={"choose": self.choices},
        )

    def speaker(self, unit: Unit, payload: Mapping[str, Any]) -> tables.Member | None:
        """The member who did this; None for bots, guests, strangers and people unknown to us."""
        member = Members(unit).behind(self.channel_name, str(payload["member"]))
        if member is None or member.is_bot or member.is_guest or member.is_stranger:
            return None
        return member

    def choices(self, asked: Asked) -> Mapping[str, Any]:
        """What a member may tick in the modal: purposes and topics."""
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            member = Members(unit).behind(self.channel_name, asked.member)
            return self._choices(unit, member.id if member is not None else "")

    def _choices(self, unit: Unit, member: str) -> dict[str, Any]:
        follows = Topics(unit).choices(member).follows
        return {
            "purposes": self.conversing.home.purposes(Consents(unit).granted(member)),
            "topics": [
                {"slug": t.slug, "title": t.title, "follow": t.slug in follows}
                for t in Topics(unit).list()[:MOST_TOPICS]
            ],
        }

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """A press on the welcome message or the home tab."""
        payload = arrival.payload
        action, at = str(payload["action"]), moment(payload, now)

        def act(unit: Unit) -> After | None:
            member = self.speaker(unit, payload)
            if member is None:
                return None
            member.came_at = member.came_at or at
            before = _agreed(unit, member)
            self._obey(unit, member, action, str(payload.get("value", "")), at)
            agreed = _agreed(unit, member)
            if agreed != before:
                self.conversing.confirm(unit, member, payload, arrival.key, bool(agreed), now)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def _obey(
        self, unit: Unit, member: tables.Member, action: str, value: str, at: datetime
    ) -> None:
        granted = Consents(unit).granted(member.id)
        if action in ("allow", "disallow") and value in NAMES:
            wanted = granted | {value} if action == "allow" else granted - {value}
            self.agree(unit, member, tuple(sorted(wanted)), at)
        elif action == "consent_yes":
            self.agree(unit, member, NAMES, at)
        elif action in ("consent_no", "withdraw"):
            self.leave(unit, member, at)
        elif action == "pause":
            self.pause(unit, member, at, value)
        elif action == "resume":
            member.paused_until = None

    def chosen(self, arrival: Arrival, now: datetime) -> Act:
        """The modal in which a member ticked purposes and topics."""
        payload = arrival.payload
        at, values = moment(payload, now), payload["values"]

        def act(unit: Unit) -> After | None:
            member = self.speaker(unit, payload)
            if member is None:
                return None
            member.came_at = member.came_at or at
            before = OPENERS in (_agreed(unit, member) or ())
            self.agree(unit, member, tuple(p for p in values["purposes"] if p in NAMES), at)
            if "topics" in values:  # a pool without any offers none
                Topics(unit).stand(member.id, "follow", values["topics"], MOST_TOPICS, at=at)
            agrees = OPENERS in (_agreed(unit, member) or ())
            if agrees != before:  # the modal closes without a word
                self.conversing.say_agreed(unit, member, arrival.key, agrees, now)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def agree(
        self, unit: Unit, member: tables.Member, purposes: tuple[str, ...], at: datetime
    ) -> None:
        """Grant these purposes and no others, from now on."""
        consents = Consents(unit)
        dropped = consents.granted(member.id) - set(purposes)
        if dropped:
            consents.withdraw(member.id, dropped, at=at)
            # what was chosen with something that may not be used any more is said no more
            reason = "no_consent" if OPENERS in dropped else "purpose_withdrawn"
            OutboxRows(unit).withdraw(reason, member.id, ("opener",))
            Shelf(unit).clear(member.id)
        consents.grant(member.id, purposes, at=at, origin="member")
        if OPENERS in purposes:
            member.left_at = None
        else:
            OutboxRows(unit).withdraw("no_consent", member.id, UNASKED)

    def pause(self, unit: Unit, member: tables.Member, at: datetime, length: str = "week") -> None:
        """Be silent for so long, see `bot.policy.pauses`."""
        zone = self.conversing.home.zone_of(member)
        self.be_silent(unit, member, pauses.until(length, at, zone))

    def be_silent(self, unit: Unit, member: tables.Member, until: datetime) -> None:
        """Say nothing first until then, also nothing of what is queued."""
        member.paused_until = until
        OutboxRows(unit).withdraw("paused", member.id, UNASKED)

    def leave(
        self,
        unit: Unit,
        member: tables.Member,
        at: datetime,
        because_of: tables.Opener | None = None,
    ) -> None:
        """Withdraw every consent, with effect at once, also on what is queued.

        Whoever names no opener, but leaves while the last one's window is open, leaves because of
        it: there is no costlier outcome to learn from.
        """
        opener = because_of or _last_open(unit, member, at)
        if opener is not None and member.left_at is None:
            Outcomes(unit).record(opener, OutcomeKind.OPTED_OUT, at)
        member.left_at = member.left_at or at
        Consents(unit).withdraw(member.id, at=at)
        Shelf(unit).clear(member.id)
        Workspaces(unit).lock(unit.workspace)  # before any row: the brake may withdraw them all
        OutboxRows(unit).withdraw("opted_out", member.id, UNASKED)
        unit.session.flush()
        reason = self.brake.check(unit, at)
        if reason is not None:
            told = f"I have paused myself: {reason}. Nobody hears from me first until"
            self.conversing.tell_person(
                unit, member, f"{told} `overture pause --resume`.", "brake", at
            )


def _last_open(unit: Unit, member: tables.Member, at: datetime) -> tables.Opener | None:
    for last in Openers(unit).recent(member.id, 1):
        if last.window_closes_at is not None and at <= last.window_closes_at:
            return last
    return None


def _agreed(unit: Unit, member: tables.Member) -> frozenset[str] | None:
    """What a member agrees to; None once they left."""
    return None if member.left_at is not None else Consents(unit).granted(member.id)
