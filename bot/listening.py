"""Everything that arrives besides answers to us: signals, edits, the home tab, who is here.

A signal is kept only while its member agrees to its purpose: what is not kept cannot leak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.conversation.agreeing import Agreeing
from bot.conversation.asking import Asking
from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handle, Handlers
from bot.inbox import Act, After, moment
from bot.pool.cleaning import title_of
from bot.ports import Arrival
from bot.replies import Replies
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.conversations import Conversations
from bot.store.corrections import Corrections
from bot.store.curations import Curations
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.installing import leave
from bot.store.items import Items
from bot.store.members import Members, Person
from bot.store.outbox import OutboxRows
from bot.store.roles import Roles
from bot.store.shelf import Shelf
from bot.store.signals import Happened, Signals
from bot.store.workspaces import Workspaces

CHANNEL_MESSAGES = "channel_messages"
NOT_FOR_YOU = (
    "I am here for the full members of this workspace alone. I keep nothing of this, and I will"
    " not write to you."
)
"""to guests, bots, strangers of shared channels, and who left"""
UNKNOWN = "I do not know you yet, so I kept nothing of this. Please try again tomorrow."
FORGOTTEN = "I keep nothing about you, as you asked. My home tab has the way back."


@dataclass(frozen=True)
class Listening:
    """Dispatches an arrival to what it means."""

    replies: Replies
    agreeing: Agreeing
    conversing: Conversing
    channel_name: str
    handlers: Handlers
    unknown_command: Handle
    asking: Asking | None = None
    """None without a recommender: nothing is suggested then"""

    def handle(self, arrival: Arrival, now: datetime) -> Act:
        """What to write for this arrival; see `bot.inbox.Handler`."""
        if arrival.kind == "message" and (correction := self._correction(arrival)) is not None:
            if correction.text is None:
                return _nothing(arrival, now)
            arrival = replace(arrival, payload={**arrival.payload, "text": correction.text})
        by_kind: Mapping[str, Handle] = {
            "press": self._pressed(arrival),
            "view": self._submitted(arrival),
            "message": self._told if arrival.payload.get("direct") else self._overheard,
            "opened": self._opened,
            "edit": self._edited,
            "delete": self._deleted,
            "home": self._home,
            "command": self._commanded(arrival),
            "joined": self._joined,
            "user": self._user,
            "uninstalled": self._uninstalled,
        }
        return by_kind[arrival.kind](arrival, now)

    def _correction(self, arrival: Arrival) -> tables.Correction | None:
        """The edit or the deletion that overtook a message."""
        place = str(arrival.payload["address"]), str(arrival.payload["message_ref"])
        with self.replies.store.reading(self.replies.workspace) as unit:
            return Corrections(unit).of(*place)

    def _told(self, arrival: Arrival, now: datetime) -> Act:
        """Words to us: a prompt that we suggested, or anything else."""
        prompted = None if self.asking is None else self.asking.prompted(arrival, now)
        return prompted if prompted is not None else self.replies.message(arrival, now)

    def _opened(self, arrival: Arrival, now: datetime) -> Act:
        handle = _nothing if self.asking is None else self.asking.opened
        return handle(arrival, now)

    def _pressed(self, arrival: Arrival) -> Handle:
        """Who handles a press: first, where it names an opener, those who handle openers."""
        action, known = str(arrival.payload.get("action")), self.handlers
        if arrival.payload.get("opener") and action in known.on_opener:
            return known.on_opener[action]
        return known.presses.get(action, _nothing)

    def _submitted(self, arrival: Arrival) -> Handle:
        return self.handlers.modals.get(str(arrival.payload.get("callback")), _nothing)

    def _commanded(self, arrival: Arrival) -> Handle:
        words = str(arrival.payload.get("text", "")).lower().split()
        return self.handlers.commands.get(words[0] if words else "help", self.unknown_command)

    def declined(self, unit: Unit, arrival: Arrival) -> str | None:
        """What whoever may not use a command is told, where nothing of it is kept; None for others.

        Before it is known who is here a command waits for that.
        """
        if arrival.kind != "command":
            return None
        is_stranger = bool(arrival.payload.get("stranger"))
        return self.turned_away(unit, str(arrival.payload["member"]), is_stranger)

    def turned_away(self, unit: Unit, external: str, is_stranger: bool = False) -> str | None:
        """What somebody is told who may not use commands; None for a member."""
        if Erasures(unit).among([external]):
            return FORGOTTEN
        if is_stranger:
            return NOT_FOR_YOU
        member = Members(unit).behind(self.channel_name, external)
        if member is None:
            return UNKNOWN if Workspaces(unit).has_members(unit.workspace) else None
        is_one = self.agreeing.speaker(unit, {"member": external}) is not None
        return None if is_one and member.deactivated_at is None else NOT_FOR_YOU

    def may_keep(self, unit: Unit, arrival: Arrival) -> bool:
        """Whether an arrival may be stored at all."""
        if arrival.kind in ("message", "edit") and not self.may_hear(unit, arrival):
            return False
        member, action = arrival.payload.get("member"), arrival.payload.get("action")
        if arrival.kind == "home" or action == "start_over" or not isinstance(member, str):
            return True
        return not Erasures(unit).among([member])

    def may_hear(self, unit: Unit, arrival: Arrival) -> bool:
        """Whether words may be kept: a member told us, or agreed to it, or an item says them."""
        payload = arrival.payload
        if arrival.kind == "edit":
            place = str(payload["address"]), str(payload["message_ref"])
            if (
                Signals(unit).agreed("/".join(place))
                or Items(unit).by_message(*place) is not None
                or Conversations(unit).has(*place)
            ):
                return True
        member = self.agreeing.speaker(unit, payload)
        if payload.get("direct"):  # somebody who came just now is not known yet
            known = Members(unit).behind(self.channel_name, str(payload["member"]))
            return known is None or member is not None
        return member is not None and CHANNEL_MESSAGES in Consents(unit).granted(member.id)

    def _overheard(self, arrival: Arrival, now: datetime) -> Act:
        """A message in a channel the bot is in: a signal, where its author agreed."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None or CHANNEL_MESSAGES not in Consents(unit).granted(member.id):
                return None
            channel, ref = str(payload["address"]), str(payload["message_ref"])
            thread = str(payload.get("thread") or "")
            item = Items(unit).by_message(channel, thread) if thread else None
            Signals(unit).save(
                [
                    Happened(
                        key=f"{channel}/{ref}",
                        member=member.id,
                        purpose=CHANNEL_MESSAGES,
                        kind="replied" if thread and thread != ref else "posted",
                        at=moment(payload, now),
                        item=item.id if item is not None else None,
                        channel=channel,
                        text=str(payload["text"]),
                    )
                ]
            )
            return None

        return act

    def _edited(self, arrival: Arrival, now: datetime) -> Act:
        """We keep what the message says now; an item made of it waits for approval."""
        payload = arrival.payload
        channel, ref = str(payload["address"]), str(payload["message_ref"])
        text = str(payload["text"])

        def act(unit: Unit) -> After | None:
            known = Conversations(unit).reword(channel, ref, text)
            if Signals(unit).agreed(f"{channel}/{ref}"):
                known |= Signals(unit).amend(f"{channel}/{ref}", text)
            item = Items(unit).by_message(channel, ref)
            if item is not None:
                Items(unit).reword(item.id, title_of(text), text, at=now)
            elif not known and self.may_hear(unit, arrival):  # its message is still to come
                member = self.agreeing.speaker(unit, payload)
                at = moment(payload, now)
                Corrections(unit).keep(channel, ref, text, member.id if member else None, at)
            return None

        return act

    def _deleted(self, arrival: Arrival, now: datetime) -> Act:
        """The words go, and an item made of the message is withdrawn."""
        channel, ref = str(arrival.payload["address"]), str(arrival.payload["message_ref"])

        def act(unit: Unit) -> After | None:
            known = Signals(unit).forget([f"{channel}/{ref}"]) > 0
            known |= Conversations(unit).unsay(channel, ref)
            item = Items(unit).by_message(channel, ref)
            if item is not None:
                Items(unit).withdraw([item.id], at=now)
                Curations(unit).forget(item.id)
            elif not known:  # it may still come
                Corrections(unit).keep(channel, ref, None, None, moment(arrival.payload, now))
            return None

        return act

    def _home(self, arrival: Arrival, now: datetime) -> Act:
        def act(unit: Unit) -> After | None:
            member, external = (
                self.agreeing.speaker(unit, arrival.payload),
                arrival.payload["member"],
            )
            if member is None:
                is_erased = bool(Erasures(unit).among([str(external)]))
                return self.conversing.show_erased(str(external)) if is_erased else None
            at = moment(arrival.payload, now)
            member.came_at = member.came_at or at
            lying = self.conversing.home.shelf(unit, member, now)
            Shelf(unit).seen(member.id, [one.item_id for one, _ in lying], at)
            return self.conversing.redraw_home(str(arrival.payload["member"]), member.id, now)

        return act

    def _joined(self, arrival: Arrival, now: datetime) -> Act:
        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, arrival.payload)
            channel = str(arrival.payload["channel"])
            if member is not None and Channels(unit).get(channel) is not None:
                Channels(unit).add_members(channel, [member.id])
            return None

        return act

    def _user(self, arrival: Arrival, now: datetime) -> Act:
        """Somebody came, left, moved to another zone or became a guest."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            members = Members(unit)
            known = members.behind(self.channel_name, str(payload["member"]))
            person = Person(
                id=known.id if known is not None else str(payload["member"]),
                name=payload.get("name"),
                title=payload.get("title"),
                zone=payload.get("zone"),
                locale=payload.get("locale") or None,
                is_bot=payload.get("is_bot"),
                is_guest=payload.get("is_restricted"),
                deactivated=payload.get("deleted"),
            )
            members.save([person], at=moment(payload, now))
            members.reachable_by(self.channel_name, [(str(payload["member"]), person.id)])
            administers = [person.id] if payload.get("is_admin") else []
            Roles(unit).administer(administers, at=moment(payload, now), of=[person.id])
            busy = payload.get("busy_until")
            members.shows_busy(person.id, datetime.fromtimestamp(busy, UTC) if busy else None)
            if payload.get("deleted"):
                OutboxRows(unit).withdraw("deactivated", person.id)
            return None

        return act

    def _uninstalled(self, arrival: Arrival, now: datetime) -> Act:
        """The tokens go at once, and with them everything that waits to be said."""

        def act(unit: Unit) -> After | None:
            leave(unit, str(arrival.payload["why"]), moment(arrival.payload, now))
            return None

        return act


def _nothing(arrival: Arrival, now: datetime) -> Act:
    """For what nobody handles: a drawing of ours that is out of date, or somebody's forgery."""
    return lambda unit: None
