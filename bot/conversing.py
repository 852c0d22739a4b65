"""The bot's side of a conversation: what it says next, and how that gets on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.home import Home
from bot.inbox import After
from bot.openers.brief import About, Answered, Brief, Turns
from bot.openers.intents import Intent
from bot.ports import Channel, ChannelError
from bot.store import tables
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit
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
    "stop": (OutcomeKind.OPTED_OUT, ""),
    "person": (OutcomeKind.HANDED_OFF, ""),
    "thanks": (OutcomeKind.RESOLVED, ""),
}
"""Intents that are outcomes of their own; any other words are a reply."""

AFTER_ANSWER = (("helped", "That helped"), ("person", "Ask a person"))

PRESSED: Mapping[str, str] = {
    "consent_yes": "Thank you. I will write when one thing seems worth your attention: at most one"
    " message a day, three a week, in your working hours. My home tab shows all of it, and stops"
    " it whenever you like.",
    "consent_no": "Understood. I will not write to you, and I use nothing about you. If you change"
    " your mind, you find me here.",
}
PRESSED_INTENTS = {"why": "WHY", "person": "PERSON", "helped": "THANKS"}
NOTHING = About(kind="", title="")
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

    def reply(
        self,
        name: str,
        about: About | None,
        why: str,
        thread: str,
        payload: Mapping[str, Any],
    ) -> Reply:
        """The answer to a member's words; may ask a model, so never inside a transaction."""
        text = str(payload["text"])
        brief = Brief(_first(name), about or NOTHING, style="", why=why, seed=thread)
        answered = self.answerer.answer(brief, self._history(payload, thread), text)
        outcome, reason = MEANINGS.get(answered.intent, (OutcomeKind.REPLIED, ""))
        grounded = answered.source != "intent"
        if grounded and about is None:
            return Reply(NOTHING_OPEN, answered.intent)
        return Reply(
            text=answered.text,
            intent=answered.intent,
            outcome=outcome,
            reason=reason,
            prompt=answered.prompt_ref,
            language_model=answered.language_model,
            buttons=AFTER_ANSWER if grounded else (),
        )

    def pressed(self, action: str, name: str, about: About | None, why: str) -> Reply:
        """The answer to a press that asks for one; never asks a model."""
        if action == "more":
            if about is None:
                return Reply("That item was withdrawn, so I have nothing more to tell about it.")
            return Reply(told(about), intent=action, prompt="item", buttons=AFTER_ANSWER)
        brief = Brief(_first(name), about or NOTHING, style="", why=why)
        answered = self.answerer.act(Intent[PRESSED_INTENTS[action]], brief)
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
        """Note our turn and queue it, in the caller's transaction."""
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
        content: dict[str, Any] = {"text": reply.text, "thread": conversation.thread_ref}
        if reply.buttons and conversation.opener_id is not None:
            content |= {"buttons": [list(pair) for pair in reply.buttons]}
            content |= {"opener": conversation.opener_id}
        self._queue(unit, member, f"answer:{key}", content, now, conversation.address)

    def confirm(
        self, unit: Unit, member: str, payload: Mapping[str, Any], action: str, now: datetime
    ) -> None:
        """A word under the welcome message, where one was pressed."""
        text = PRESSED.get(action)
        if text is None or not payload.get("address") or not payload.get("message_ref"):
            return
        content = {"text": text, "thread": str(payload["message_ref"])}
        key = f"confirm:{action}:{payload['message_ref']}"
        self._queue(unit, member, key, content, now, str(payload["address"]))

    def tell(self, unit: Unit, member: str, key: str, text: str, now: datetime) -> None:
        """Say something in the direct conversation, outside of any thread."""
        self._queue(unit, member, key, {"text": text}, now)

    def _queue(
        self,
        unit: Unit,
        member: str,
        key: str,
        content: Mapping[str, Any],
        now: datetime,
        address: str | None = None,
    ) -> None:
        OutboxRows(unit).add(
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
