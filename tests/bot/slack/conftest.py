"""A small emulated workspace, and the settings that reach it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Person
from bot.settings import SlackSettings
from bot.slack import manifest

NOW = 1_760_000_000.0
PEOPLE = (
    Person("U1ADA", "ada", "Ada Byron", tz="Europe/London", title="Engineer"),
    Person("U2GRACE", "grace", "Grace Hopper", tz="America/New_York"),
    Person("U3GUEST", "guest", is_restricted=True),
    Person("U4ROBOT", "robot", is_bot=True),
    Person("U5AWAY", "away", deleted=True),
)
GENERAL = Conversation("C1GENERAL", "general", members=("U1ADA", "U2GRACE", "U0OVERTURE"))


def workspace() -> EmulatedWorkspace:
    return EmulatedWorkspace(people=PEOPLE, conversations=[GENERAL])


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator under this project's own manifest, at a fixed time."""
    made = Emulator(workspace(), clock=lambda: NOW, manifest=manifest.load(), redeliver_after=0.3)
    with made:
        yield made


@pytest.fixture
def settings(emulator: Emulator) -> SlackSettings:
    return settings_for(emulator)


def settings_for(emulator: Emulator, call_deadline: float = 5.0) -> SlackSettings:
    return SlackSettings(
        bot_token=SecretStr(emulator.bot_token),
        app_token=SecretStr(emulator.app_token),
        api_url=emulator.api_url,
        call_deadline=call_deadline,
        person=None,
    )
