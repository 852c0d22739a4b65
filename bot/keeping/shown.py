"""What conversations show of the time that a restored copy does not know."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.ids import digest
from bot.ports import Channel, Receipt, Transient
from bot.store import tables
from bot.store.database import Unit
from bot.store.decisions import Slots
from bot.store.members import Members

RUN = "restored"
LONGEST_REST = 120.0
"""seconds: a channel that asks for more is given up on, and the command run again later"""


@dataclass(frozen=True)
class Shown:
    """The deliveries that each member's conversation holds since the copy was made."""

    deliveries: Mapping[str, Mapping[str, Receipt]]

    def welcome(self, workspace: str, member: str) -> bool:
        key = "dl_" + digest(workspace, f"welcome:{member}")
        return key in self.deliveries.get(member, {})


def read_all(
    channel: Channel,
    addresses: Mapping[str, str],
    since: datetime,
    rest: Callable[[float], None] = time.sleep,
) -> Shown:
    """Read each conversation to its end, resting whenever the channel asks for it.

    Raises `ChannelError` where one cannot be read.
    """
    return Shown({m: _read(channel, at, since, rest) for m, at in addresses.items()})


def _read(
    channel: Channel, address: str, since: datetime, rest: Callable[[float], None]
) -> dict[str, Receipt]:
    found: dict[str, Receipt] = {}
    further: str | None = None
    while True:
        try:
            page = channel.read(address, since, None, further)
        except Transient as error:
            if not 0 < error.retry_after <= LONGEST_REST:
                raise
            rest(error.retry_after)
            continue
        found |= page.found
        further = page.further
        if further is None:
            return found


def take_in(unit: Unit, shown: Shown, since: datetime, now: datetime, zone: str) -> int:
    """Count openers that left after the copy was made; how many the copy did not know.

    A delivery's id is made of its member and the day of its slot, so both are known of it, and
    nothing else: neither the item nor the words. It counts for every cap and teaches nothing.
    """
    taken = 0
    for member, deliveries in shown.deliveries.items():
        own = Members(unit).get(member)
        there = ZoneInfo((own.zone if own is not None else "") or zone)
        day = since.astimezone(there).date() - timedelta(days=1)
        while day <= now.astimezone(there).date() + timedelta(days=1):
            key = "dl_" + digest(unit.workspace, f"slot:{member}:{day.isoformat()}")
            if key in deliveries and unit.session.get(tables.Outbox, key) is None:
                noon = datetime(day.year, day.month, day.day, 12, tzinfo=there)
                _keep(unit, member, day.isoformat(), deliveries[key], min(noon, now), now)
                taken += 1
            day += timedelta(days=1)
    return taken


def _keep(
    unit: Unit, member: str, slot: str, receipt: Receipt, sent_at: datetime, now: datetime
) -> None:
    opener_id = "op_" + digest(unit.workspace, member, slot)
    if unit.session.get(tables.Opener, opener_id) is not None:
        return
    decision = _decision(unit, member, slot, sent_at, now)
    Slots(unit).use(member, slot, now)
    unit.session.add(
        tables.Opener(
            id=opener_id, workspace_id=unit.workspace, decision_id=decision.id, member_id=member,
            item_id="", state="sent", text="", why="", style="", prompt=RUN, language_model="",
            created_at=sent_at, sent_at=sent_at, address=receipt.address,
            message_ref=receipt.message_ref,
        )
    )  # fmt: skip
    unit.session.flush()


def _decision(unit: Unit, member: str, slot: str, at: datetime, now: datetime) -> tables.Decision:
    """The decision of this slot; a silence that the copy knows of has become speech since."""
    found = unit.session.scalar(
        select(tables.Decision).where(
            tables.Decision.workspace_id == unit.workspace,
            tables.Decision.member_id == member,
            tables.Decision.slot == slot,
        )
    )
    if found is not None:
        found.verdict, found.reason = "speak", RUN
        return found
    run = f"{RUN}-{digest(unit.workspace, now.isoformat())}"
    if unit.session.get(tables.Run, run) is None:
        unit.session.add(
            tables.Run(id=run, workspace_id=unit.workspace, kind=RUN, now=now, summary={})
        )
        unit.session.flush()
    made = tables.Decision(
        id="de_" + digest(unit.workspace, member, slot), workspace_id=unit.workspace, run_id=run,
        member_id=member, slot=slot, at=at, verdict="speak", reason=RUN, rules=[], arm="normal",
        seed=0, policy_version=RUN,
    )  # fmt: skip
    unit.session.add(made)
    unit.session.flush()
    return made
