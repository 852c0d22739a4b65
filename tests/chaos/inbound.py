"""What Slack tells about members, as payloads: replies, edits, deletions, presses, commands."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from bot.emulator import payloads
from bot.emulator.socket_mode import EnvelopeType
from bot.slack import blocks
from bot.slack.arrivals.commands import from_command
from bot.slack.arrivals.presses import from_press
from bot.slack.arrivals.us import Us
from bot.store import tables
from tests.chaos.scene import Scene

Json = dict[str, Any]
PRESSES = ("more", "not_for_me", "not_now")
WORDS = ("why", "help", "resume")


@dataclass(frozen=True)
class Told:
    """One thing that happened: `says` are the words it says or deletes, `key` is its arrival's."""

    kind: EnvelopeType
    what: str
    body: Json = field(compare=False)
    key: str
    says: str = ""


@dataclass(frozen=True)
class Telling:
    """Makes payloads about the openers of a scene."""

    scene: Scene
    openers: list[tables.Opener]

    @classmethod
    def of(cls, scene: Scene) -> Telling:
        with scene.store.reading(scene.workspace) as unit:
            found = unit.session.query(tables.Opener).order_by(tables.Opener.id).all()
        return cls(scene, found)

    @property
    def us(self) -> Us:
        return Us(self.scene.workspace, self.scene.emulator.workspace.bot.id)

    def reply(self, number: int) -> Told:
        return self._event("reply", f"Ev{number:08d}", self._said(number), self._words(number))

    def edit(self, number: int) -> Told:
        """Of the reply of this number; what it said before comes with it."""
        old = self._said(number)
        new = {**old, "text": f"{old['text']} edited"}
        event = self._amended(number, "message_changed", message=new, previous_message=old)
        return self._event("edit", f"Ed{number:08d}", event)

    def deletion(self, number: int) -> Told:
        old = self._said(number)
        more = {"deleted_ts": old["ts"], "previous_message": old}
        event = self._amended(number, "message_deleted", **more)
        return self._event("deletion", f"De{number:08d}", event, self._words(number))

    def press(self, number: int) -> Told:
        opener = self._opener(number)
        member = opener.member_id
        action = PRESSES[number % len(PRESSES)]
        person = self.scene.emulator.workspace.person(member)
        assert person is not None
        pressed = {
            "action_id": action, "block_id": "acts", "type": "button",
            "value": blocks.value(action, opener.id), "action_ts": self._moment(number),
        }  # fmt: skip
        body = payloads.interaction(
            self.scene.emulator.workspace, "block_actions", person, f"t{number}"
        )
        body |= {
            "container": {"type": "message", "message_ts": opener.message_ref},
            "channel": {"id": opener.address, "name": "directmessage"},
            "actions": [pressed],
        }
        arrival = from_press(body, self.us)
        assert arrival is not None
        return Told("interactive", "press", body, arrival.key)

    def command(self, number: int) -> Told:
        opener = self._opener(number)
        body = {
            "team_id": self.scene.workspace, "channel_id": opener.address,
            "user_id": opener.member_id, "command": "/overture",
            "text": WORDS[number % len(WORDS)], "trigger_id": f"t{number}",
        }  # fmt: skip
        arrival = from_command(body, self.us, self.scene.time.seconds())
        assert arrival is not None
        return Told("slash_commands", "command", body, arrival.key)

    def _opener(self, number: int) -> tables.Opener:
        return self.openers[number % len(self.openers)]

    def _moment(self, number: int) -> str:
        return f"{self.scene.time.seconds() + number / 1000:.6f}"

    def _words(self, number: int) -> str:
        return f"words number {number}"

    def _said(self, number: int) -> Json:
        opener = self._opener(number)
        return {
            "type": "message", "channel": opener.address, "channel_type": "im",
            "user": opener.member_id, "team": self.scene.workspace, "text": self._words(number),
            "ts": self._moment(number), "thread_ts": opener.message_ref,
        }  # fmt: skip

    def _amended(self, number: int, subtype: str, **more: Any) -> Json:
        place = {"channel": self._opener(number).address, "channel_type": "im"}
        ts = f"{self.scene.time.seconds() + number / 1000 + 0.0005:.6f}"
        return {
            "type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts,
            **place, **more,
        }  # fmt: skip

    def _event(self, what: str, event_id: str, event: Json, says: str = "") -> Told:
        body = payloads.event_callback(
            self.scene.emulator.workspace, event, event_id, self.scene.time.seconds()
        )
        return Told("events_api", what, body, f"event:{event_id}", says)


def mixed(telling: Telling, unique: int) -> list[Told]:
    """So many different ones: of ten, six replies, an edit, a deletion, a press and a command."""
    made: list[Told] = []
    for number in range(-(-unique // 10)):
        replies = range(6 * number, 6 * number + 6)
        made += [telling.reply(one) for one in replies]
        made += [telling.edit(replies[1]), telling.deletion(replies[3])]
        made += [telling.press(number), telling.command(number)]
    return made[:unique]


def in_disorder(told: list[Told], times: int) -> list[Told]:
    """Each so often, shuffled."""
    again = told * times
    random.Random(1).shuffle(again)
    return again
