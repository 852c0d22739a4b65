"""The bot's side of a conversation: what it says next, and how that gets on its way."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.conversation.home import Home
from bot.conversation.reply import MEANINGS, Reply, told
from bot.conversation.speaking import KEEPS, Speaker, Voice
from bot.inbox import After
from bot.llm.lengths import estimated
from bot.openers.because import clause
from bot.openers.brief import About, Answered, Brief, Turns
from bot.openers.intents import Intent
from bot.openers.releasing import Say
from bot.openers.understanding import Understood
from bot.ports import Channel, ChannelError
from bot.settings import ConversationSettings
from bot.store import tables
from bot.store.answers import TO
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit
from bot.store.members import Members
from bot.store.outbox import OutboxRows
from recsys.types import OutcomeKind


class Answerer(Protocol):
    """Answers one message about one item, grounded in it."""

    def answer(
        self, brief: Brief, history: Turns, question: str, intent: Intent, say: Say
    ) -> Answered: ...

    def act(self, intent: Intent, brief: Brief) -> Answered:
        """What we say where it is known what the member wants done."""
        ...


TO_PERSON = (("person", "Ask a person"),)
AFTER_ANSWER = (("helped", "That helped"), *TO_PERSON)
WHO_IS_UPSET = (*TO_PERSON, ("helped", "That helped"))
"""for whom the way to a person is the likelier one"""
NO_PERSON_BESIDE = frozenset({Intent.PERSON, Intent.STOP})
"""answers to which the way to a person would be an answer to something else"""

AGREED = (
    "Thank you. I will write when one thing seems worth your attention. {limits} My home tab shows"
    " all of it, and stops it whenever you like."
)
DECLINED = (
    "Understood. I will not write to you, and I use nothing about you. If you change your mind, you"
    " find me here."
)
PRESSED = {"why": Intent.WHY, "person": Intent.PERSON, "helped": Intent.THANKS}
ABOUT_ITEM = frozenset({Intent.YES, Intent.QUESTION, Intent.OTHER, Intent.SAVE})
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
    speaker: Speaker
    settings: ConversationSettings

    def reply(
        self,
        name: str,
        about: About | None,
        why: str | None,
        thread: str,
        payload: Mapping[str, Any],
        understood: Understood,
        say: Say,
    ) -> Reply:
        """The answer to a member's words; may ask a model, so never inside a transaction.

        Without `why` they are about no opener; without `about`, about one whose item is gone.
        `say` is told of it while it is written.
        """
        intent = understood.intent
        outcome, reason = MEANINGS.get(intent, (OutcomeKind.REPLIED, ""))
        if why is None and intent in {*ABOUT_ITEM, Intent.WHY}:
            return Reply(NOTHING_OPEN, intent, buttons=TO_PERSON)
        if about is None and intent in ABOUT_ITEM:
            return Reply(GONE, intent, outcome, reason, buttons=TO_PERSON)
        brief = Brief(_first(name), about or NOTHING, style="", why=clause(why or ""), seed=thread)
        history = self._history(payload, thread)
        text = str(payload["text"])
        answered = self.answerer.answer(brief, history, text, intent, say)
        return self._replied(answered, outcome, reason, about)

    def _replied(
        self, answered: Answered, outcome: OutcomeKind | None, reason: str, about: About | None
    ) -> Reply:
        buttons: tuple[tuple[str, str], ...] = AFTER_ANSWER
        if answered.intent == Intent.FRUSTRATED:
            buttons = WHO_IS_UPSET
        if answered.source in ("intent", "none"):
            buttons = TO_PERSON  # nothing was told that could have helped
        return Reply(
            text=answered.text,
            intent=answered.intent,
            outcome=outcome,
            reason=reason,
            prompt=answered.prompt_ref,
            language_model=answered.language_model,
            buttons=() if answered.intent in NO_PERSON_BESIDE else buttons,
            source=about if answered.source in ("model", "summary", "passage") else None,
        )

    def pressed(self, action: str, name: str, about: About | None, why: str) -> Reply:
        """The answer to a press that asks for one; never asks a model."""
        if action == "more":
            if about is None:
                return Reply(GONE, intent=action)
            whole = told(about)
            return Reply(whole, action, prompt="item", buttons=AFTER_ANSWER, source=about)
        brief = Brief(_first(name), about or NOTHING, style="", why=clause(why))
        return self._replied(self.answerer.act(PRESSED[action], brief), None, "", about)

    def _history(self, payload: Mapping[str, Any], thread: str) -> Turns:
        """What was said before, as far back as the settings let us remember, oldest first."""
        with self.store.reading(self.workspace) as unit:
            conversations = Conversations(unit)
            known = conversations.find(str(payload["address"]), thread)
            turns = conversations.turns(known.id) if known is not None else []
        remembered: list[tuple[str, str]] = []
        left = self.settings.memory_tokens
        for turn in reversed(turns[-self.settings.memory_turns :]):
            left -= estimated(turn.text)
            if left < 0:
                break
            remembered.append((_author(turn), turn.text))
        return remembered[::-1]

    def answer(
        self,
        unit: Unit,
        member: str,
        conversation: tables.Conversation,
        key: str,
        reply: Reply,
        now: datetime,
        voice: Voice | None = None,
    ) -> None:
        """Note our turn and queue it, in the caller's transaction; once for each `key`.

        What a `voice` has said, or begun to say, is not said again.
        """
        content = reply.content(conversation.thread_ref, conversation.opener_id)
        said = voice is not None and voice.settle(unit, content, now)
        address = conversation.address
        if not said and not self._queue(unit, member, TO + key, content, now, address):
            return
        Conversations(unit).say(
            tables.Turn(
                workspace_id=self.workspace,
                conversation_id=conversation.id,
                key=TO + key,
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

    def tell_person(
        self,
        unit: Unit,
        member: tables.Member,
        text: str,
        what: str,
        now: datetime,
        buttons: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Tell the one who takes hand-offs; `member` is whom it is about."""
        if self.person is None:
            return
        taker = Members(unit).behind(self.channel.name, self.person)
        key = f"handoff:{what}:{member.id}:{now.isoformat()}"
        content = {"text": text, "buttons": [list(pair) for pair in buttons]}
        if taker is not None:
            self._queue(unit, taker.id, key, content, now)
        else:
            self._queue(unit, member.id, key, content, now, self.person)

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

    def show_erased(self, external_id: str) -> After:
        """The home tab of who had their data deleted: it must not go on showing any of it."""

        def after() -> None:
            with contextlib.suppress(ChannelError):  # it is drawn anew whenever it is opened
                self.channel.show_home(external_id, {"erased": True})

        return after


def _first(name: str) -> str:
    return name.split()[0] if name.split() else name


def _author(turn: tables.Turn) -> str:
    return "member" if turn.author == "member" else "overture"
