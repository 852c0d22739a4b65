"""What stands in for a mechanism that a control switches off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from bot.outbox import Outbox
from bot.ports import Delivery, Page, Receipt, Transient
from bot.reading.sight import Sight
from bot.sending import Sending
from bot.slack.presence import SlackPresences
from bot.store.owners import Owner
from tests.bot.outbox_bench import Blind, Wrapped


class Shortsighted(Wrapped):
    """Looks for a message from an hour later on than it was told to."""

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        return super().read(address, since + timedelta(hours=1), thread, further)


class Impatient(Wrapped):
    """Hears that Slack asks for a pause, and not how long."""

    def send(self, delivery: Delivery) -> Receipt:
        try:
            return super().send(delivery)
        except Transient as error:
            raise Transient(str(error)) from None


class Unwitnessed(Sending):
    """Believes an absence, whatever else is absent."""

    @cached_property
    def outbox(self) -> Outbox:
        box = super().outbox
        box._settling = replace(box._settling, believable=lambda called_at, asked, now: asked)
        return box


class Believing(Sending):
    """Reconciliation that believes instead of looking: what was called has arrived."""

    @cached_property
    def outbox(self) -> Outbox:
        box = super().outbox
        box._settling.histories.find = (  # type: ignore[method-assign]
            lambda row, since, asked, now: Receipt(row.address or "", "1.000000")
        )
        return box


class Seeing(Sending):
    """Looks how members stand in Slack, as it does without a channel that was given."""

    @cached_property
    def sight(self) -> Sight:
        return Sight(
            self.store, self.workspace, self.channel.name, SlackPresences(self.settings.slack)
        )


class Unchecked(Sending):
    """Sends what was once allowed."""

    @cached_property
    def outbox(self) -> Outbox:
        box = super().outbox
        box._recheck = lambda row, now: None
        return box


class Hasty(Sending):
    """Takes every other owner for dead once a lease is over."""

    @cached_property
    def owner(self) -> Owner:
        return replace(super().owner, is_dead=lambda other: True)


class Timid(Sending):
    """Takes nobody for dead."""

    @cached_property
    def owner(self) -> Owner:
        return replace(super().owner, is_dead=lambda other: False)


SHORT_LEASE, SHORT_SETTLE = timedelta(seconds=3), timedelta(seconds=4)


def hasten(box: Outbox) -> None:
    """Short enough to be waited for, longer than a call and its pass take."""
    box._lease = SHORT_LEASE
    box._settling = replace(box._settling, settle=SHORT_SETTLE)


CHANNELS: dict[str, type[Wrapped]] = {
    "reconciliation": Blind,
    "the pause": Impatient,
    "looking back further than the call": Shortsighted,
}
SIDES: dict[str, type[Sending]] = {
    # a witness would notice that nothing is ever found
    "reconciliation": Unwitnessed,
    "looking back further than the call": Unwitnessed,
    "looking": Believing,
    "asking who lives": Hasty,
    "noticing the dead": Timid,
    "a witness": Unwitnessed,
    "the re-check": Unchecked,
}
"""mechanisms by name, and what stands in for them"""
