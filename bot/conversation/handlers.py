"""What a part of the conversation handles: each names its presses, modals and commands itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from bot.inbox import Act
from bot.ports import Arrival, Asked

Handle = Callable[[Arrival, datetime], Act]
Shows = Callable[[Asked], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Handlers:
    """Handlers by name: of an action, of a modal's callback, of a command's first word."""

    presses: Mapping[str, Handle] = field(default_factory=dict)
    on_opener: Mapping[str, Handle] = field(default_factory=dict)
    """presses that name an opener; an action may mean another thing elsewhere"""
    modals: Mapping[str, Handle] = field(default_factory=dict)
    commands: Mapping[str, Handle] = field(default_factory=dict)
    shows: Mapping[str, Shows] = field(default_factory=dict)
    """what the modal shows that an action asks for; None for whoever may not see it"""

    @classmethod
    def of(cls, parts: Iterable[Handlers]) -> Handlers:
        """All parts as one.

        Raises:
            ValueError: two parts handle the same name.
        """
        merged: dict[str, dict[str, Any]] = {each.name: {} for each in fields(cls)}
        for part in parts:
            for kind, known in merged.items():
                own: Mapping[str, Any] = getattr(part, kind)
                twice = known.keys() & own.keys()
                if twice:
                    raise ValueError(f"two parts handle the {kind} {', '.join(sorted(twice))}")
                known.update(own)
        return cls(**merged)
