"""The bot's side of a conversation: what it says next, and how that gets on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.conversation.home import Home
from bot.inbox import After
from bot.openers.because import clause
from bot.openers.brief import About, Answered, Brief, Turns
from bot.openers.intents import Intent, intent_of
from bot.ports import Channel, ChannelError
from bot.store import tables
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit
from bot.store.items import Items
from bot.store.members import Members
from bot.store.outbox import OutboxRows
from recsys.types import OutcomeKind

KEEPS = timedelta(hours=12)
TURNS = 12
"""how far back a conversation is remembered"""


class Answerer(Protocol):
    """Answers one message about one item, grounded in it."""

    def answer(self, brief: Brief, history: Turns, question: str) -> Answered: ...

    def act(self, intent: Intent, brief: Brief) -> Answered:
        """What we say where it is known what the member wants done."""
        ...


@dataclass(frozen=True)
class Reply:
    """What to say, and what the member's words meant."""

    text: str
    intent: str = ""
    outcome: OutcomeKind | None = None
    reason: str = ""
    prompt: str = ""
    language_model: str = ""
    buttons: tuple[tuple[str, str], ...] = ()


MEANINGS: Mapping[str, tuple[OutcomeKind, str]] = {
    "yes": (OutcomeKind.ACCEPTED, ""),
    "no": (OutcomeKind.DISMISSED, ""),
    "later": (OutcomeKind.DISMISSED, "timing"),
    "pause": (OutcomeKind.DISMISSED, "frequency"),
    "stop": (OutcomeKind.OPTED_OUT, ""),
    "person": (OutcomeKind.HANDED_OFF, ""),
    "thanks": (OutcomeKind.RESOLVED, ""),
}
"""Intents that are outcomes of their own; any other words are a reply."""

AFTER_ANSWER = (("helped", "That helped"), ("person", "Ask a person"))

AGREED = (
    "Thank you. I will write when one thing seems worth your attention. {limits} My home tab shows"
    " all of it, and stops it whenever you like."
)
DECLINED = (
    "Understood. I will not write to you, and I use nothing about you. If you change your mind, you"
    " find me here."
)
PRESSED = {"why": Intent.WHY, "person": Intent.PERSON, "helped": Intent.THANKS}
ABOUT_ITEM = frozenset({Intent.YES, Intent.QUESTION, Intent.OTHER})
"""what only somebody can answer who has the item before them"""
NOTHING = About(kind="", title="")
GONE = "That item is not there for us any more, so I have nothing more to tell about it."
NOTHING_OPEN = (
    "I have nothing open with you at the moment, so I cannot tell what this is about. When I write"
    " about something, answer there and I will do my best."
)


@dataclass(frozen=True)
class Conversing:
    """Finds the words for the next turn and puts them on their way."""

    store: Store
    workspace: str
    channel: Channel
    answerer: Answerer
    home: Home
    person: str | None
    """who takes hand-offs: a member's or channel's id on the channel of delivery"""

    def reply(
        self,
        name: str,
        about: About | None,
        why: str | None,
        thread: str,
        payload: Mapping[str, Any],
    ) -> Reply:
        """The answer to a member's words; may ask a model, so never inside a transaction.

        Without `why` they are about no opener; without `about`, about one whose item is gone.
        """
        text = str(payload["text"])
        intent = intent_of(text)
        outcome, reason = MEANINGS.get(intent, (OutcomeKind.REPLIED, ""))
        if why is None and intent in {*ABOUT_ITEM, Intent.WHY}:
            return Reply(NOTHING_OPEN, intent)
        if about is None and intent in ABOUT_ITEM:
            return Reply(GONE, intent, outcome, reason)
        brief = Brief(_first(name), about or NOTHING, style="", why=clause(why or ""), seed=thread)
        answered = self.answerer.answer(brief, self._history(payload, thread), text)
        return Reply(
            text=answered.text,
            intent=answered.intent,
            outcome=outcome,
            reason=reason,
            prompt=answered.prompt_ref,
            language_model=answered.language_model,
            buttons=AFTER_ANSWER if answered.source != "intent" else (),
        )

    def pressed(self, action: str, name: str, about: About | None, why: str) -> Reply:
        """The answer to a press that asks for one; never asks a model."""
        if action == "more":
            if about is None:
                return Reply(GONE, intent=action)
            return Reply(told(about), intent=action, prompt="item", buttons=AFTER_ANSWER)
        brief = Brief(_first(name), about or NOTHING, style="", why=clause(why))
        answered = self.answerer.act(PRESSED[action], brief)
        return Reply(
            answered.text,
            intent=action,
            prompt=answered.prompt_ref,
            language_model=answered.language_model,
        )

    def _history(self, payload: Mapping[str, Any], thread: str) -> Turns:
        with self.store.reading(self.workspace) as unit:
            conversations = Conversations(unit)
            known = conversations.find(str(payload["address"]), thread)
            turns = conversations.turns(known.id)[-TURNS:] if known is not None else []
        return [(_author(turn), turn.text) for turn in turns]

    def answer(
        self,
        unit: Unit,
        member: str,
        conversation: tables.Conversation,
        key: str,
        reply: Reply,
        now: datetime,
    ) -> None:
        """Note our turn and queue it, in the caller's transaction; once for each `key`."""
        content: dict[str, Any] = {"text": reply.text, "thread": conversation.thread_ref}
        if reply.buttons and conversation.opener_id is not None:
            content |= {"buttons": [list(pair) for pair in reply.buttons]}
            content |= {"opener": conversation.opener_id}
        if not self._queue(unit, member, f"answer:{key}", content, now, conversation.address):
            return
        Conversations(unit).say(
            tables.Turn(
                workspace_id=self.workspace,
                conversation_id=conversation.id,
                key=f"answer:{key}",
                author="bot",
                text=reply.text,
                at=now,
                prompt=reply.prompt,
                language_model=reply.language_model,
            )
        )

    def confirm(
        self,
        unit: Unit,
        member: tables.Member,
        payload: Mapping[str, Any],
        key: str,
        agrees: bool,
        now: datetime,
    ) -> None:
        """A word under the welcome message, where one was pressed."""
        if not payload.get("address") or not payload.get("message_ref"):
            return  # pressed on the home tab, which shows it by itself
        content = {"text": self._agreed(member, agrees), "thread": str(payload["message_ref"])}
        self._queue(unit, member.id, f"confirm:{key}", content, now, str(payload["address"]))

    def say_agreed(
        self, unit: Unit, member: tables.Member, key: str, agrees: bool, now: datetime
    ) -> None:
        """The same in the direct conversation, where a modal was saved."""
        self.tell(unit, member.id, f"confirm:{key}", self._agreed(member, agrees), now)

    def _agreed(self, member: tables.Member, agrees: bool) -> str:
        return AGREED.format(limits=self.home.limits(member)) if agrees else DECLINED

    def hand_off(
        self, unit: Unit, member: tables.Member, opener: tables.Opener | None, now: datetime
    ) -> None:
        """Note that a member asked for a person, and tell the one who takes hand-offs."""
        if Conversations(unit).hand_off(member.id, opener.id if opener else None, now):
            about = self._nameable(unit, opener)
            self.tell_person(unit, member, f"{member.name} asks for a person{about}.", "ask", now)

    def take_back(
        self, unit: Unit, member: tables.Member, opener: tables.Opener, now: datetime
    ) -> None:
        """They need none any more."""
        if Conversations(unit).take_back(member.id, opener.id):
            text = f"{member.name} took that back and needs no person any more."
            self.tell_person(unit, member, text, "back", now)

    def _nameable(self, unit: Unit, opener: tables.Opener | None) -> str:
        """What it is about, in words, where nobody can learn anything from that."""
        item = Items(unit).get(opener.item_id) if opener is not None else None
        if item is None or item.withdrawn_at is not None or item.addressed_to is not None:
            return ""
        return f" about “{item.title}”" if item.audience_kind == "workspace" else ""

    def tell_person(
        self, unit: Unit, member: tables.Member, text: str, what: str, now: datetime
    ) -> None:
        """Tell the one who takes hand-offs; `member` is whom it is about."""
        if self.person is None:
            return
        taker = Members(unit).behind(self.channel.name, self.person)
        key = f"handoff:{what}:{member.id}:{now.isoformat()}"
        if taker is not None:
            self._queue(unit, taker.id, key, {"text": text}, now)
        else:
            self._queue(unit, member.id, key, {"text": text}, now, self.person)

    def tell(self, unit: Unit, member: str, key: str, text: str, now: datetime) -> None:
        """Say something in the direct conversation, outside of any thread."""
        self.say(unit, member, key, {"text": text}, now)

    def say(
        self, unit: Unit, member: str, key: str, content: Mapping[str, Any], now: datetime
    ) -> None:
        """The same, with buttons and the opener that it is about."""
        self._queue(unit, member, key, content, now)

    def _queue(
        self,
        unit: Unit,
        member: str,
        key: str,
        content: Mapping[str, Any],
        now: datetime,
        address: str | None = None,
    ) -> bool:
        return OutboxRows(unit).add(
            member=member,
            kind="answer",
            dedupe_key=key,
            content=content,
            expires_at=now + KEEPS,
            now=now,
            address=address,
        )

    def redraw_home(self, external_id: str, member: str, now: datetime) -> After:
        """Draw the home tab once the transaction has committed."""

        def after() -> None:
            with self.store.reading(self.workspace) as unit:
                row = unit.session.get_one(tables.Member, (self.workspace, member))
                content = self.home.content(unit, row, now)
            try:
                self.channel.show_home(external_id, content)
            except ChannelError:
                return  # it is drawn anew whenever it is opened

        return after


def told(about: About) -> str:
    """The item itself, in its own words."""
    parts = (about.summary, about.text) if about.text else (about.summary or about.title,)
    return "\n\n".join(part for part in parts if part)


def _first(name: str) -> str:
    return name.split()[0] if name.split() else name


def _author(turn: tables.Turn) -> str:
    return "member" if turn.author == "member" else "overture"
