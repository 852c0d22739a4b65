"""The product lives in a world: it hears, decides, sends, is answered, and learns at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.ports import Progress, silent
from bot.simulating.settling import ENDS, PURPOSE, STARTS, WORKSPACE, Settled, settle, utc
from bot.store import tables
from bot.store.items import Items
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from bot.store.signals import Happened, Signals
from recsys.simulation import (
    DayTally,
    Portrait,
    Tally,
    World,
    is_working_day,
    moment,
)
from recsys.types import ItemId, MemberId, OutcomeKind

TICK = timedelta(minutes=15)
NIGHT = timedelta(hours=11)
"""from the end of the last member's day to the night's training: all windows have closed"""
FOCUS = "focus"


@dataclass
class Lived:
    """What became of the product's openers, day by day."""

    days: list[DayTally] = field(default_factory=list)
    left: set[MemberId] = field(default_factory=set)
    models: list[str] = field(default_factory=list)
    """which version served each day"""


def live(
    world: World,
    days: Sequence[date],
    folder: Path,
    seed: int,
    *,
    learns: bool = True,
    progress: Progress = silent,
) -> Lived:
    """Live these days, ascending; with `learns` off no model is ever trained.

    Everything is written below `folder`, which is empty before.
    """
    first = world.items(days[0])
    if not first:
        raise ValueError("a world without an item on its first day has nothing to talk about")
    people = world.members(days[0])
    begins = _earliest(days[0], people) - timedelta(hours=1)
    settled = settle(people, first[0].mixture.size, begins, folder, seed)
    lived = Lived()
    try:
        life = _Life(world, settled, {person.id: person.zone for person in people}, lived)
        for number, day in enumerate(days):
            lived.days.append(life.day(day))
            if learns and lived.days[-1].openers:  # nothing else closes, or teaches, in a night
                life.night(day)
            progress("Living", number + 1, len(days))
    finally:
        settled.app.close()
    return lived


@dataclass(frozen=True)
class _Life:
    world: World
    settled: Settled
    zones: Mapping[MemberId, str]
    lived: Lived
    known: set[ItemId] = field(default_factory=set)

    def day(self, day: date) -> DayTally:
        """Everybody's working day, a tick every quarter of an hour."""
        people = self.world.members(day)
        now, ends = _earliest(day, people), _latest(day, people)
        self._put_in(day, people, now - TICK)
        tally, app = Tally(day), self.settled.app
        self.settled.clock.advance_to(now)
        app.refresh(now)
        self.lived.models.append(app.recommender.view.version)
        while is_working_day(day) and now < ends:
            self.settled.clock.advance_to(now)
            if app.is_anybody_due(now) and app.plan(now).openers:
                while app.deliver(now).sent:
                    pass
                self._answer(now, tally)
            now += TICK
        return tally.close()

    def night(self, day: date) -> None:
        """Windows close and a model is learned."""
        people = self.world.members(day)
        now = self.settled.clock.advance_to(_latest(day, people) + NIGHT)
        self.settled.app.run_night(now)

    def _put_in(self, day: date, people: Sequence[Portrait], now: datetime) -> None:
        """What the day brings. Signals are later than `now`, and known to no query before."""
        tokens = self.settled.tokens
        fresh = [offer for offer in self.world.items(day) if offer.id not in self.known]
        self.known.update(offer.id for offer in fresh)
        said = [one for one in self.world.signals(day) if one.member in self.zones]
        with self.settled.app.store.writing(WORKSPACE) as unit:
            Items(unit).save([tokens.item(o) for o in fresh], at=now, approved_by="simulation")
            Signals(unit).save(
                [
                    Happened(
                        key=f"{day}:{number}",
                        member=one.member,
                        purpose=PURPOSE,
                        kind="posted",
                        at=utc(one.at),
                        text=tokens.message(one.topic),
                    )
                    for number, one in enumerate(said)
                ]
            )
            members = Members(unit)
            for person in people:
                if person.status == FOCUS:
                    members.shows_busy(person.id, utc(moment(day, 24.0, person.zone)))
            unit.commit()

    def _answer(self, now: datetime, tally: Tally) -> None:
        with self.settled.app.store.writing(WORKSPACE) as unit:
            members, outcomes = Members(unit), Outcomes(unit)
            for opener in Openers(unit).sent_between(now, now + TICK):
                sent_at = _sent_at(opener)
                member = MemberId(opener.member_id)
                reaction = self.world.react(
                    member, ItemId(opener.item_id), opener.style, sent_at.timestamp()
                )
                tally.reactions.append(reaction)
                if reaction.kind is OutcomeKind.IGNORED:
                    continue
                at = sent_at + timedelta(minutes=reaction.minutes)
                outcomes.record(opener, reaction.kind, at, reaction.reason)
                if reaction.kind is OutcomeKind.OPTED_OUT:
                    person = members.get(member)
                    assert person is not None
                    person.left_at = at
                    self.lived.left.add(member)
            unit.commit()


def _sent_at(opener: tables.Opener) -> datetime:
    assert opener.sent_at is not None
    return opener.sent_at


def _earliest(day: date, people: Sequence[Portrait]) -> datetime:
    """When the first member's working day begins."""
    return min(_at(day, STARTS, person.zone) for person in people)


def _latest(day: date, people: Sequence[Portrait]) -> datetime:
    """When the last member's working day ends."""
    return max(_at(day, ENDS, person.zone) for person in people)


def _at(day: date, hour: int, zone: str) -> datetime:
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)
