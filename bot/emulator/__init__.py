"""A Slack workspace on localhost: Web API, Socket Mode, faults, and a page to sit at.

It knows nothing of the bot: a bot reaches it as it reaches Slack, by its address alone.
"""

from bot.emulator.acting import ActError
from bot.emulator.emulator import Emulator
from bot.emulator.faults import Fault, Faults
from bot.emulator.journal import Entry, Journal
from bot.emulator.organisation import Organisation
from bot.emulator.socket_mode import NotAcknowledgedError
from bot.emulator.workspace import Conversation, EmulatedWorkspace, Person

__all__ = [
    "ActError",
    "Conversation",
    "EmulatedWorkspace",
    "Emulator",
    "Entry",
    "Fault",
    "Faults",
    "Journal",
    "NotAcknowledgedError",
    "Organisation",
    "Person",
]
