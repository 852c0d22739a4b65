"""Conversations and their turns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from bot.ids import digest
from bot.store import tables
from bot.store.database import Unit


class Conversations:
    """Reads and writes the conversations of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def at(
        self, member: str, address: str, thread: str, now: datetime, opener: str | None = None
    ) -> tables.Conversation:
        """The conversation in this thread; opened if there is none yet."""
        known = self.find(address, thread)
        if known is not None:
            return known
        conversation = tables.Conversation(
            id="co_" + digest(self._workspace, address, thread),
            workspace_id=self._workspace,
            member_id=member,
            opener_id=opener,
            address=address,
            thread_ref=thread,
            opened_at=now,
        )
        self._session.add(conversation)
        self._session.flush()
        return conversation

    def find(self, address: str, thread: str) -> tables.Conversation | None:
        """The conversation in this thread, if there is one."""
        return self._session.scalar(
            select(tables.Conversation).where(
                tables.Conversation.workspace_id == self._workspace,
                tables.Conversation.address == address,
                tables.Conversation.thread_ref == thread,
            )
        )

    def turns(self, conversation: str) -> Sequence[tables.Turn]:
        """What was said, in order."""
        return self._session.scalars(
            select(tables.Turn)
            .where(
                tables.Turn.workspace_id == self._workspace,
                tables.Turn.conversation_id == conversation,
            )
            .order_by(tables.Turn.id)
        ).all()

    def say(self, turn: tables.Turn) -> None:
        self._session.add(turn)
        self._session.flush()

    def reword(self, address: str, message_ref: str, text: str) -> bool:
        """A member edited what they told us; False where it is none of ours."""
        turn = self._turn(address, message_ref)
        if turn is not None:
            turn.text = text
        return turn is not None

    def unsay(self, address: str, message_ref: str) -> bool:
        """A member deleted what they told us; False where it is none of ours."""
        turn = self._turn(address, message_ref)
        if turn is not None:
            self._session.delete(turn)
        return turn is not None

    def _turn(self, address: str, message_ref: str) -> tables.Turn | None:
        ours = tables.Conversation.id == tables.Turn.conversation_id
        return self._session.scalar(
            select(tables.Turn)
            .join(tables.Conversation, ours)
            .where(
                tables.Turn.workspace_id == self._workspace,
                tables.Turn.author == "member",
                tables.Turn.key == message_ref,
                tables.Conversation.address == address,
            )
        )

    def has(self, address: str, message_ref: str) -> bool:
        """Whether a member's words are kept that stand at this place."""
        return self._turn(address, message_ref) is not None

    def ours(self, key: str) -> tables.Turn | None:
        """What we said under this key."""
        turn = tables.Turn
        mine = turn.workspace_id == self._workspace, turn.author == "bot", turn.key == key
        return self._session.scalar(select(turn).where(*mine))

    def last_asked(self, member: str) -> datetime | None:
        """When a member was last asked how a conversation went."""
        table = tables.Conversation
        mine = table.workspace_id == self._workspace, table.member_id == member
        return self._session.scalar(select(func.max(table.asked_at)).where(*mine))
