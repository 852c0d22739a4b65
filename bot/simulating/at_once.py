"""A channel that delivers at once: what is sent has arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.ports import Delivery, Page, Receipt

NAME = "simulated"


class AtOnce:
    """A `bot.ports.Channel` within this process; it keeps which delivery went where."""

    def __init__(self) -> None:
        self._arrived: dict[tuple[str, str], Receipt] = {}

    @property
    def name(self) -> str:
        return NAME

    @property
    def call_deadline(self) -> float:
        return 1.0

    def address_of(self, external_id: str) -> str:
        return f"to-{external_id}"

    def send(self, delivery: Delivery) -> Receipt:
        receipt = Receipt(delivery.address, f"at-{len(self._arrived)}")
        self._arrived[delivery.address, delivery.id] = receipt
        return receipt

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        there = {name: at for (where, name), at in self._arrived.items() if where == address}
        return Page(there)

    def show_outcome(
        self, receipt: Receipt, content: Mapping[str, Any], note: str, undo: bool
    ) -> None:
        """Nobody looks at it."""

    def show_home(self, external_id: str, home: Mapping[str, Any]) -> None:
        """Nobody looks at it."""

    def suggest(self, address: str, thread: str | None, prompts: Sequence[tuple[str, str]]) -> None:
        """Nobody looks at it."""

    def hand_over(self, address: str, name: str, data: bytes, words: str) -> None:
        """Nobody opens it."""
