"""All parts of the desk, as the composition root puts them beside those of members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bot.conversation.desk.acts import PoolDesk
from bot.conversation.desk.adding import Adding
from bot.conversation.desk.counter import Counter
from bot.conversation.desk.foreseeing import Foreseeing
from bot.conversation.desk.people import RoleDesk
from bot.conversation.desk.screens import Screens
from bot.conversation.desk.sources import FeedDesk
from bot.conversation.desk.words import PoolWords
from bot.conversation.handlers import Handlers
from bot.curating.feeds import Feeding
from bot.curating.foresight import Foresight


@dataclass(frozen=True)
class Parts:
    """What curators and admins press, save, type and are shown."""

    counter: Counter
    feeding: Feeding
    foresight: Callable[[], Foresight | None]
    """made when somebody first looks ahead: what arrives first must not wait for it"""

    @cached_property
    def screens(self) -> Screens:
        return Screens(self.counter.clock)

    @cached_property
    def foreseeing(self) -> Foreseeing:
        return Foreseeing(self.counter, self.foresight)

    @cached_property
    def pool(self) -> PoolWords:
        return PoolWords(self.counter, self.foreseeing)

    @cached_property
    def feeds(self) -> FeedDesk:
        return FeedDesk(self.counter, self.screens, self.feeding)

    @cached_property
    def roles(self) -> RoleDesk:
        return RoleDesk(self.counter)

    def handlers(self) -> Handlers:
        on_items = (PoolDesk(self.counter, self.screens), Adding(self.counter, self.screens))
        parts = (*on_items, self.foreseeing, self.pool, self.feeds, self.roles)
        return Handlers.of(part.handlers() for part in parts)
