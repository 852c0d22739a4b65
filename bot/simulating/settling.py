"""A workspace for the members of a world: the production bot over a database of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, build
from bot.settings import LearningSettings, PolicySettings, RecommenderSettings, Settings
from bot.simulating.at_once import NAME, AtOnce
from bot.simulating.clock import SimulatedClock
from bot.simulating.tokens import Tokens
from bot.store import tables
from bot.store.consents import Consents
from bot.store.members import Members, Person
from bot.store.opening import open_store
from bot.store.schema import upgrade
from recsys.simulation import Portrait

WORKSPACE = "SIMULATED"
PURPOSE = "channel_messages"
AGREED = ("openers", PURPOSE)
DAYS_A_WEEK = 7
NEVER_THE_SAME = 1.1
"""no likeness reaches it: items of a world are told apart by their topics alone, so two that are
alike are two items about one subject, and no rewording of each other"""
EXPLORES = 30
"""one in so many members may be spoken to below the threshold on a day, while little is known"""
STARTS, ENDS = 9, 17
"""hours of a world's working day"""


@dataclass(frozen=True)
class Settled:
    """The bot in its workspace; close the app when done."""

    app: App
    clock: SimulatedClock
    tokens: Tokens


def settings_for(folder: Path, seed: int, members: int) -> Settings:
    """The production's settings but for the rules of a world, which are the same for all rivals.

    One opener a working day, from 9 to 17; no share of them withheld to measure lift, for nobody
    goes anywhere by themselves here; no cap on how many hear of one item, or on seven days; no
    silence that doubles with each opener that is not taken up, for rivals keep none; two items are
    never one story; and a budget for learning in proportion to the members.
    """
    return Settings(
        sealing=False,  # nobody's words, in a database that is thrown away
        database_url=f"sqlite:///{folder / 'simulation.db'}",
        home=folder,
        workspace=WORKSPACE,
        health_port=0,
        policy=PolicySettings(
            weekly_cap=DAYS_A_WEEK,
            cooldown_most_hours=0,
            day_starts=f"{STARTS:02}:00",
            day_ends=f"{ENDS:02}:00",
            slot_hours=ENDS - STARTS,
            holdout=0.0,
            pilot_only=False,
            explore_per_day=max(1, members // EXPLORES),
        ),
        recommender=RecommenderSettings(
            seed=seed, item_daily_cap=max(1, members), same_story=NEVER_THE_SAME
        ),
        learning=LearningSettings(window_hours=6),
    )


def settle(
    people: Sequence[Portrait], topics: int, begins: datetime, folder: Path, seed: int
) -> Settled:
    """Everybody moves in and agrees, and the bot opens its doors."""
    settings = settings_for(folder, seed, len(people))
    upgrade(settings.database_url)
    store = open_store(settings)
    agreed_at = begins - timedelta(days=1)
    with store.writing(WORKSPACE) as unit:
        unit.session.add(
            tables.Workspace(id=WORKSPACE, name="Simulated", zone="UTC", created_at=agreed_at)
        )
        unit.session.flush()
        members, consents = Members(unit), Consents(unit)
        members.save([Person(p.id, name=p.id, zone=p.zone) for p in people], at=agreed_at)
        members.reachable_by(NAME, [(person.id, person.id) for person in people])
        for person in people:
            consents.grant(person.id, AGREED, at=agreed_at, origin="simulation")
        unit.commit()
    store.close()
    clock, tokens = SimulatedClock(begins), Tokens(topics)
    app = build(settings, clock, channel=AtOnce(), encoder=tokens.encoder())
    return Settled(app, clock, tokens)


def utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
