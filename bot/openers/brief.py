"""What the composer is given and what it gives back: frozen, and free of any other part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.openers.cleaning import channel_label, person_label, speakable
from bot.ports import Usage

NO_USAGE = Usage()

TITLE, SUMMARY, TEXT, NAME = 200, 600, 4000, 60
"""Characters that are read of each untrusted part."""


EXAMPLE, MOST_EXAMPLES = 300, 3
"""Characters of each example of style, and how many there are"""


@dataclass(frozen=True, slots=True)
class About:
    """The one item that a message is about, in the words of whoever made it."""

    kind: str
    title: str
    summary: str = ""
    text: str = ""
    url: str | None = None
    topics: tuple[str, ...] = ()
    channel_name: str = ""
    """without its ``#``; empty where the item is no message"""
    author_name: str = ""

    def cleaned(self) -> About:
        """The same item with every part made plain, free of markup and bounded in length."""
        return replace(
            self,
            title=speakable(self.title, TITLE),
            summary=speakable(self.summary, SUMMARY),
            text=speakable(self.text, TEXT),
            topics=tuple(speakable(topic, NAME) for topic in self.topics[:8]),
            channel_name=channel_label(self.channel_name),
            author_name=person_label(self.author_name),
        )

    @property
    def words(self) -> str:
        """Everything the item says, as one text; what a message may take facts from."""
        return "\n".join((self.title, self.summary, self.text, *self.topics))


@dataclass(frozen=True, slots=True)
class Brief:
    """One item for one member: all that a composer may know."""

    member_first_name: str
    item: About
    style: str
    why: str = ""
    """what the member did that led here, in words; may be empty"""
    seed: str = ""
    """from the member and the decision; the same seed chooses the same template"""
    recent: tuple[str, ...] = ()
    """`prompt_ref` of what the member saw lately, newest last"""
    tone: str = "warm"
    """``plain``, ``warm`` or ``formal``"""
    language: str = "en"
    """of the member, where it can be checked; templates are English all the same"""
    examples: tuple[tuple[str, str], ...] = ()
    """openers before and after a reviewer's edit, the newest first: examples of style"""

    def cleaned(self) -> Brief:
        """The same brief with every untrusted part made plain."""
        return replace(
            self,
            member_first_name=person_label(self.member_first_name),
            item=self.item.cleaned(),
            why=speakable(self.why, SUMMARY),
            examples=tuple(
                (speakable(before, EXAMPLE), speakable(after, EXAMPLE))
                for before, after in self.examples[:MOST_EXAMPLES]
            ),
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """An opener that passed the guards."""

    text: str
    prompt_ref: str
    """prompt@version+hash, or template@version+hash"""
    language_model: str
    """the model's name, or ``template``"""
    style: str
    """the style it has; another than the brief's only where no template of that style serves"""
    repaired: bool = False
    fallback: str = ""
    """why a template serves although a model is configured: ``model_failed``, ``guards`` or
    ``ceiling`` (the day's spending is used up)"""
    violations: tuple[str, ...] = ()
    """reasons of the guards that refused what the model wrote"""
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is said: ``composer_abstained`` (the model) or ``ungrounded`` (the guards)."""

    reason: Literal["composer_abstained", "ungrounded"]
    usage: Usage = NO_USAGE


Turns = Sequence[tuple[str, str]]
"""What was said so far, oldest first: author (``member`` or ``overture``) and text."""


Source = Literal["model", "summary", "passage", "none", "intent"]
"""Where an answer's words come from."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What to reply; `intent` tells the caller what the member wants done."""

    text: str
    source: Source
    prompt_ref: str
    language_model: str
    """the model's name, or ``template``"""
    intent: str
    fallback: str = ""
    usage: Usage = NO_USAGE
