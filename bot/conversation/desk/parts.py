"""All parts of the desk, as the composition root puts them beside those of members."""

from __future__ import annotations

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


def desk(counter: Counter, feeding: Feeding, foresight: Foresight | None) -> Handlers:
    """What curators and admins press, save, type and are shown."""
    screens = Screens(counter.clock)
    foreseeing = Foreseeing(counter, foresight)
    parts = (
        PoolDesk(counter, screens),
        Adding(counter, screens),
        foreseeing,
        PoolWords(counter, foreseeing),
        FeedDesk(counter, screens, feeding),
        RoleDesk(counter),
    )
    return Handlers.of(part.handlers() for part in parts)
