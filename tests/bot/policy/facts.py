"""A member with whom nothing stands in the way, and a pick that is worth it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.policy.facts import Facts, Limits, Standing
from bot.policy.purposes import OPENERS
from bot.policy.rules import Offer
from bot.settings import PolicySettings
from recsys.state import empty_exposures, empty_signals, empty_workspace
from recsys.types import ItemId, MemberId, MemberState, Pick, Query, Signals

NOW = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)
"""a Monday"""
LIMITS = Limits(
    daily_cap=1,
    weekly_cap=3,
    day_starts=9 * 60,
    day_ends=18 * 60,
    weekdays=frozenset(range(5)),
    cooldown_hours=16,
)


def limits(**changes: Any) -> Limits:
    return replace(LIMITS, **changes)


def standing(now: datetime = NOW, zone: str = "UTC", **changes: Any) -> Standing:
    plain = Standing(
        workspace="W1",
        member="ana",
        first_name="Ana",
        now=now,
        local=now.astimezone(ZoneInfo(zone)),
        killed=False,
        is_person=True,
        deactivated=False,
        left=False,
        paused_until=None,
        purposes=frozenset({OPENERS}),
        invited=True,
        limits=LIMITS,
        sent_today=0,
        sent_week=0,
        last_sent_at=None,
    )
    return replace(plain, **changes)


def facts(
    where: Standing | None = None,
    *,
    explored_today: int = 0,
    seed: int = 0,
    signals: Signals | None = None,
) -> Facts:
    where = where or standing()
    zone = str(where.local.tzinfo)
    past = signals or empty_signals(4)
    state = MemberState(MemberId(where.member), zone, past, empty_exposures())
    query = Query(state, empty_workspace(), where.now.timestamp())
    return Facts(where, explored_today, seed, query)


def pick(engages: float = 0.5, utility: float = 0.3) -> Pick:
    return Pick(
        row=0,
        item=ItemId("i"),
        position=0,
        style="offer",
        engages=engages,
        dismisses=0.1,
        opts_out=0.001,
        utility=utility,
        item_propensity=0.9,
        style_propensity=0.2,
        explored=False,
    )


def offer(chosen: Pick | None, *, explored_today: int = 0, seed: int = 0, **changes: Any) -> Offer:
    plain: dict[str, Any] = {"holdout": 0.0, "threshold": 0.3, "explore_per_day": 0}
    settings = PolicySettings(**{**plain, **changes})
    return Offer(facts(explored_today=explored_today, seed=seed), chosen, settings)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
