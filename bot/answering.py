"""The slice of the settings that says how members are answered."""

from __future__ import annotations

from pydantic import Field

from bot.slices import Slice


class ConversationSettings(Slice):
    """How members are answered, and what becomes of those who ask for a person."""

    memory_turns: int = Field(12, ge=0, le=100, description="turns a model is reminded of, at most")
    memory_tokens: int = Field(
        1500, ge=0, description="tokens of those turns, at most; the newest come first"
    )
    streams: bool = Field(True, description="answers grow while they are written, where they can")
    at_once: int = Field(32, ge=1, le=256, description="members who are answered at once")
    remind_minutes: int = Field(
        30, ge=1, description="working minutes after which a hand-off that nobody took is repeated"
    )
    reminders: int = Field(3, ge=0, le=20, description="how often, until the member is told")
