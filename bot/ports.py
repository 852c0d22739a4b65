"""What Overture needs of the outside world, and the one tree of errors it may raise.

    OvertureError            something a person can act on; its text says what, where, what to do
    ├── BadInput             a file, a feed or a setting is not what it should be
    ├── Refused              the command or the state does not allow it
    └── ChannelError         a call to a channel of delivery
        ├── Transient        definitely did not happen; may be tried again, after `retry_after`
        ├── Permanent        definitely did not happen and never will
        └── Ambiguous        may have happened: look before anything is sent again

A language model's failures are `ModelError`: every caller has something to say without a model.
No error of a vendor's library leaves its adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.language_model import MODEL_FAILURES as MODEL_FAILURES
from bot.language_model import Answer as Answer
from bot.language_model import LanguageModel as LanguageModel
from bot.language_model import Prompt as Prompt
from bot.language_model import Usage as Usage


class OvertureError(Exception):
    """Anything that a person can act on; printed without a traceback."""


class BadInput(OvertureError):
    """Input that is not what it should be; names the file and line, or the setting."""


class Refused(OvertureError):
    """What was asked for is not allowed, or not possible in this state."""


class ChannelError(OvertureError):
    """A call to a channel of delivery went wrong."""


class Transient(ChannelError):
    """It definitely did not happen, and may be tried again."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """seconds to leave this channel alone"""


class Permanent(ChannelError):
    """It definitely did not happen, and trying again will not help."""


class Ambiguous(ChannelError):
    """It may or may not have happened."""


class ModelError(OvertureError):
    """A language model gave no usable answer in time.

    `reason` is one of `MODEL_FAILURES`; `usage` is what the attempt cost all the same.
    """

    def __init__(self, message: str, reason: str = "unusable", usage: Usage | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.usage = usage or Usage()


class Clock(Protocol):
    """Where the composition root gets the time; below it, time is an argument."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one member.

    `content` is neutral: an adapter draws it. For an opener: ``text``, ``about`` (what it is
    about), ``opener`` (id) and optionally ``url`` and ``notice`` (a line that has to stand under
    it on every channel); for an answer: ``text``, ``thread``; for a
    welcome: ``text``.
    """

    id: str
    address: str
    kind: Literal["opener", "welcome", "answer"]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a message went."""

    address: str
    message_ref: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a conversation, as far as it concerns us."""

    found: Mapping[str, Receipt]
    """by the delivery's id"""
    further: str | None = None
    """where the next page begins; None at the end"""


class Channel(Protocol):
    """A way to reach members: one adapter each, held to `tests/contracts`."""

    @property
    def name(self) -> str: ...

    @property
    def call_deadline(self) -> float:
        """Seconds after which a `send` has certainly ended, one way or another."""
        ...

    def address_of(self, external_id: str) -> str:
        """Where messages to this person go; opens the conversation when it has to."""
        ...

    def send(self, delivery: Delivery) -> Receipt:
        """Send once, never retry. Raises `Transient`, `Permanent` or `Ambiguous`."""
        ...

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        """Our deliveries that a conversation shows from `since` on, or under the message `thread`.

        One call, one page, the newest first; `further` is where the page before it said to go on.
        Raises `ChannelError`.
        """
        ...

    def show_outcome(
        self, receipt: Receipt, content: Mapping[str, Any], note: str, undo: bool
    ) -> None:
        """Redraw an opener so that it says what happened, with a way to take it back.

        `content` is the opener's; its ``outcome`` names what `undo` takes back, and ``buttons``
        may hold further (action, label) pairs. With ``again`` all its first choices are back.
        """
        ...

    def show_home(self, external_id: str, home: Mapping[str, Any]) -> None:
        """Draw the member's home tab. Raises `ChannelError`."""
        ...

    def suggest(self, address: str, thread: str | None, prompts: Sequence[tuple[str, str]]) -> None:
        """Suggest what to ask, as (label, message) pairs, four at most. Raises `ChannelError`."""
        ...

    def hand_over(self, address: str, name: str, data: bytes, words: str) -> None:
        """Put a file into the conversation, with words beside it. Raises `ChannelError`."""
        ...


class Growing(Protocol):
    """An answer that is shown while it is written."""

    @property
    def message_ref(self) -> str: ...

    def add(self, words: str) -> None:
        """Show more words. Raises `ChannelError`: from then on it can only be made whole."""
        ...

    def close(self, delivery: Delivery) -> None:
        """End it, with its buttons. Raises `ChannelError` where that is not certain."""
        ...


class Streams(Protocol):
    """A channel on which answers can grow; not every channel is one."""

    def begin(self, delivery: Delivery, person: str) -> Growing:
        """Begin an answer, without words, in the thread that `delivery` names, for `person`.

        Raises `Transient` and `Permanent` where it was certainly not begun, else `Ambiguous`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What a channel shows of whether somebody may be disturbed, at one moment."""

    dnd: bool
    """do-not-disturb is on"""
    busy: bool = False
    """their status asks for peace; asked for only right before sending"""
    away: bool | None = None
    """None where nobody asked"""


class Presences(Protocol):
    """What a channel shows of people's presence; not every channel shows any."""

    def expect(self, people: Callable[[], Sequence[str]]) -> None:
        """Say who tells whom `look` will be asked about next, so that they are read together.

        Asked only where something has to be read.
        """
        ...

    def look(
        self, person: str, now: datetime, *, closely: bool = False, away: bool = False
    ) -> Seen | None:
        """How a person stands, not older than a minute; None where it could not be read.

        `closely` reads their status too, and `away` whether they are.
        """
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that a member did, as the inbox keeps it, free of any vendor's shapes."""

    key: str
    """unique: the same thing delivered twice has the same key"""
    kind: Literal[
        "message",
        "press",
        "home",
        "opened",
        "command",
        "view",
        "edit",
        "delete",
        "joined",
        "user",
        "uninstalled",
    ]
    conversation: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A member wants to see a modal: what it shows is read at once, and nothing changes."""

    member: str
    """external id"""
    action: str
    subject: str = ""
    """what it is about, such as an opener's id"""
    value: str = ""
    address: str = ""
    message_ref: str = ""
    text: str = ""
    """the words of the message that a shortcut was used on"""
    author: str = ""
    """external id of who wrote them; empty for what no person wrote"""
    where: str = ""
    """what the channel of that message is called"""
    values: Mapping[str, Any] = field(default_factory=dict)
    """what the inputs of a form held, where one was saved"""
    typed: bool = False
    """whether a command asked for it"""


class Modals(Protocol):
    """A channel that can draw a modal anew which somebody has open."""

    def redraw_modal(self, view: str, content: Mapping[str, Any], asked: Asked) -> None:
        """Draw what `asked` would show now. Raises `ChannelError`, also once it was closed."""
        ...


class Progress(Protocol):
    """Told how far something is: `done` of `total`, and what is going on."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


def silent(what: str, done: int, total: int) -> None:
    """A `Progress` for callers that nobody watches."""
