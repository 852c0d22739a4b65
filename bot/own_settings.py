"""Settings of one workspace alone, kept with its row, over those that hold for all of them.

Ids of people and channels mean something in one workspace alone. Those of the environment and of
`overture.toml` belong to the workspace whose token stands beside them; a workspace that installed
the app by OAuth has its own, and no token but its own either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.ports import BadInput
from bot.settings import Settings, Slice

IDS: tuple[str, ...] = (
    "slack.person",
    "slack.review_channel",
    "slack.curators",
    "slack.admins",
    "policy.pilot",
)
"""settings that name people or channels of one workspace"""

PARTS: tuple[str, ...] = ("policy", "openers")
"""slices of which a workspace may set anything for itself"""

OWN: tuple[str, ...] = (
    *IDS,
    "slack.admins_from_slack",
    *(
        f"{part}.{name}"
        for part in PARTS
        for name in type(Settings.model_fields[part].default).model_fields
        if f"{part}.{name}" not in IDS
    ),
)
"""all settings that a workspace may have for itself"""

_TOKENS = ("slack.bot_token", "slack.refresh_token")


def for_workspace(settings: Settings, own: Mapping[str, Any], *, by_oauth: bool) -> Settings:
    """The settings as they hold for one workspace.

    Raises:
        BadInput: one of its own is unknown or wrong; the message names it.
    """
    unknown = sorted(set(own) - set(OWN))
    if unknown:
        raise BadInput(
            f"{', '.join(unknown)} cannot be set for one workspace; {', '.join(OWN)} can"
        )
    given: dict[str, dict[str, Any]] = {}
    for name in (*IDS, *_TOKENS) if by_oauth else ():
        part, _, field = name.partition(".")
        given.setdefault(part, {})[field] = type(_slice(settings, part)).model_fields[field].default
    for name, value in own.items():
        part, _, field = name.partition(".")
        given.setdefault(part, {})[field] = value
    return settings.model_copy(
        update={part: _with(_slice(settings, part), part, more) for part, more in given.items()}
    )


def unheard(settings: Settings) -> tuple[str, ...]:
    """Which settings of the environment name ids, and so hold for no workspace by OAuth."""
    return tuple(
        name
        for name in IDS
        if getattr(_slice(settings, name.partition(".")[0]), name.partition(".")[2])
    )


def _slice(settings: Settings, part: str) -> Slice:
    found: Slice = getattr(settings, part)
    return found


def _with(given: Slice, part: str, more: Mapping[str, Any]) -> Slice:
    try:
        return type(given).model_validate(given.model_dump() | dict(more))
    except ValidationError as error:
        what = "; ".join(
            ".".join((part, *(str(one) for one in problem["loc"])))
            + f": {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise BadInput(f"the workspace's own settings: {what}") from None
