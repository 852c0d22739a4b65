"""What somebody gets who asks: `/overture now`, and prompts where a conversation begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import AFTER_ANSWER, GONE, Conversing
from bot.conversation.handlers import Handlers
from bot.conversation.reply import Reply, told
from bot.deciding.asked import ASKED, PROMPTS, Found, Picker, keep
from bot.deciding.briefing import Briefing
from bot.ids import digest
from bot.inbox import Act, After, moment
from bot.policy.purposes import NAMES, OPENERS
from bot.ports import Arrival, ChannelError, Refused
from bot.reading.visibility import why_not
from bot.store import tables
from bot.store.consents import Consents
from bot.store.conversations import Conversations
from bot.store.database import Unit
from bot.store.decisions import Decisions
from bot.store.items import Items, stored
from bot.store.openers import ASKED as STATE
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from bot.store.signals import Happened, Signals
from recsys.types import Item, OutcomeKind

SURE: Mapping[str, str] = {
    "fairly": "I am fairly sure that this is for you",
    "think": "I think that this is for you, though I may be wrong",
    "unsure": "I am not sure, but this may be for you",
}
NEW = " I know little yet, so do not trust me too far."
UNUSED = " You let me use nothing about you, so I chose by what is new and what others liked."
NOTHING_NOW = "There is nothing that I may put before you just now."
WHY_NOTHING: Mapping[str, str] = {
    "nothing_to_offer": "There is nothing new for you just now.",
    "below_threshold": "There is nothing just now that seems near enough to what you care about.",
    "admin_rule": "A rule of an admin keeps me from putting anything before you just now.",
}
TELL_ME = "The topics on my home tab tell me what you would like to hear about."
NOT_READY = "I am still getting ready. Please ask me again in a minute."
AFTER_NOW = (("more", "Tell me more"), ("not_for_me", "Not for me"))
PROMPT_KEEPS = timedelta(days=2)
"""how long a prompt that was shown is known by its words"""
MOST_TITLE = 60
"""characters of a title that Slack shows whole in a prompt"""
PAUSE = ("Pause for a week", "Please pause for a week.")
WHY = ("Why did you write last?", "Why did you tell me this?")


@dataclass(frozen=True)
class Asking:
    """Handles what is asked of us without an opener."""

    picker: Picker
    briefing: Briefing
    conversing: Conversing
    agreeing: Agreeing

    def handlers(self) -> Handlers:
        return Handlers(commands={"now": self.now})

    def now(self, arrival: Arrival, now: datetime) -> Act:
        """One pick and how sure we are, or that nothing is good enough."""
        payload = arrival.payload
        found = self._pick(arrival, ASKED, now)

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            member.came_at = member.came_at or moment(payload, now)
            key = f"now:{arrival.key}"
            if found is None:
                self.conversing.tell(unit, member.id, key, NOT_READY, now)
                return None
            item = self._still(unit, found, member, now)
            if item is None:
                found.decision.verdict = "silent"
                keep(unit, found.decision)
                self.conversing.tell(unit, member.id, key, nothing(found), now)
                return None
            keep(unit, found.decision)
            text = self._words(unit, found, item, member)
            opener = self._opened(unit, found.decision, member, item, text, found.why, now)
            buttons = [list(pair) for pair in AFTER_NOW]
            content = {"text": text, "opener": opener.id, "buttons": buttons}
            self.conversing.say(unit, member.id, f"{key}:{item.id}", content, now)
            return None

        return act

    def opened(self, arrival: Arrival, now: datetime) -> Act:
        """Somebody opened our conversation: suggest what they might ask about."""
        payload = arrival.payload
        found = self._pick(arrival, PROMPTS, now)

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            prompts: list[tuple[str, str]] = []
            if found is not None and OPENERS in Consents(unit).granted(member.id):
                items = [i for i in found.items if self._may(unit, i.id, member, now)]
                named = [(item, prompt_of(item.title)) for item in items]
                prompts = [prompt for _, prompt in named]
                shown = [{"item": i.id, "message": p[1]} for i, p in named]
                found.decision.slate = {**(found.decision.slate or {}), "prompts": shown}
                keep(unit, found.decision)
            address = str(payload["address"])
            thread = str(payload.get("thread") or "") or None
            return lambda: self._suggest(address, thread, [*prompts, WHY, PAUSE][:4])

        return act

    def prompted(self, arrival: Arrival, now: datetime) -> Act | None:
        """What to do with words that are a prompt which we showed; None for any others."""
        payload = arrival.payload
        words = str(payload["text"]).strip()
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            member = self.agreeing.speaker(unit, payload)
            if member is None or not words.startswith(ABOUT):
                return None
            shown = Decisions(unit).latest_of(member.id, PROMPTS, now - PROMPT_KEEPS)
        meant = [
            (one, str(prompt["item"]))
            for one in shown
            for prompt in (one.slate or {}).get("prompts", ())
            if prompt["message"] == words
        ]
        if not meant:
            return None
        decision, item_id = meant[0]
        return lambda unit: self._answer(unit, arrival, decision.id, item_id, now)

    def _answer(
        self, unit: Unit, arrival: Arrival, decision_id: str, item_id: str, now: datetime
    ) -> After | None:
        payload = arrival.payload
        member = self.agreeing.speaker(unit, payload)
        made = Decisions(unit).get(decision_id)
        if member is None or made is None:
            return None
        item = Items(unit).get(item_id)
        key = f"prompt:{arrival.key}"
        thread = str(payload.get("thread") or payload["message_ref"])
        if item is None or why_not(unit, item, member, now) is not None:
            self.conversing.say(unit, member.id, key, {"text": GONE, "thread": thread}, now)
            return None
        about, at = stored(item), moment(payload, now)
        words = self.briefing.about(about)
        text = told(words)
        chosen = chosen_of(unit, made, item_id)
        opener = self._opened(unit, chosen, member, about, text, "", now)
        Outcomes(unit).record(opener, OutcomeKind.FOLLOWED_UP, at)
        done = Happened(f"{key}:{item_id}", member.id, OPENERS, "visited", at, item_id)
        Signals(unit).save([done])
        address = str(payload["address"])
        talk = Conversations(unit).at(member.id, address, thread, now, opener.id)
        Conversations(unit).say(
            tables.Turn(
                workspace_id=unit.workspace,
                conversation_id=talk.id,
                key=str(payload["message_ref"]),
                author="member",
                text=str(payload["text"]),
                at=at,
            )
        )
        reply = Reply(text, PROMPTS, prompt="item", buttons=AFTER_ANSWER, source=words)
        self.conversing.answer(unit, member.id, talk, arrival.key, reply, now)
        return None

    def _pick(self, arrival: Arrival, kind: str, now: datetime) -> Found | None:
        """Think, outside of any transaction; None where we are not ready, or do not know them."""
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            member = self.agreeing.speaker(unit, arrival.payload)
        try:
            return None if member is None else self.picker.pick(member.id, kind, arrival.key, now)
        except Refused:
            return None

    def _may(self, unit: Unit, item_id: str, member: tables.Member, now: datetime) -> bool:
        return why_not(unit, Items(unit).get(item_id), member, now) is None

    def _still(self, unit: Unit, found: Found, member: tables.Member, now: datetime) -> Item | None:
        """The pick, as long as they may be told of it: it was chosen a moment ago."""
        for item in found.items[:1]:
            return item if self._may(unit, item.id, member, now) else None
        return None

    def _words(self, unit: Unit, found: Found, item: Item, member: tables.Member) -> str:
        used = Consents(unit).granted(member.id) & frozenset(NAMES)
        tail = (NEW if found.is_new else "") if used else UNUSED
        return f"{SURE[found.sure]}: “{item.title}”.\n{found.why}{tail}"

    def _opened(
        self,
        unit: Unit,
        made: tables.Decision,
        member: tables.Member,
        item: Item,
        text: str,
        why: str,
        now: datetime,
    ) -> tables.Opener:
        """What the conversation is about from here on: it counts for no cap, see `Openers`."""
        opener_id = "op_" + digest(unit.workspace, made.id, item.id)
        known = Openers(unit).get(opener_id)
        if known is not None:
            return known
        opener = tables.Opener(
            id=opener_id,
            workspace_id=unit.workspace,
            decision_id=made.id,
            member_id=member.id,
            item_id=item.id,
            state=STATE,
            text=text,
            why=why,
            style="",
            prompt="item",
            language_model="template",
            created_at=now,
        )
        Openers(unit).add(opener)
        unit.session.flush()
        return opener

    def _suggest(self, address: str, thread: str | None, prompts: list[tuple[str, str]]) -> None:
        try:
            self.conversing.channel.suggest(address, thread, prompts)
        except ChannelError:
            return  # they can type; the next time they come there are others


def chosen_of(unit: Unit, shown: tables.Decision, item: str) -> tables.Decision:
    """The decision that a press on one of several suggestions makes of what was shown."""
    made_id = "de_" + digest(shown.id, item)
    known = Decisions(unit).get(made_id)
    if known is not None:
        return known
    values = {one.key: getattr(shown, one.key) for one in tables.Decision.__table__.columns}
    slot = f"{PROMPTS}:{digest(shown.id, item)}"
    made = tables.Decision(**{**values, "id": made_id, "slot": slot, "item_id": item})
    Decisions(unit).put(made)
    return made


ABOUT = "Tell me about “"


def prompt_of(title: str) -> tuple[str, str]:
    """(what the button says, the message that a press sends)."""
    short = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rstrip() + "…"
    return short, f"{ABOUT}{short}”."


def nothing(found: Found) -> str:
    """Why there is nothing to tell, in words."""
    why = WHY_NOTHING.get(found.decision.reason.partition(":")[0], NOTHING_NOW)
    return f"{why} I would rather say so than make something up. {TELL_ME}"
