"""What a decision was made from, as it is kept with it: enough to make it again.

The past itself stays where it is (`Marks` say how far it had been read, and fingerprints whether
it is still the same); what has no history of its own is kept here: where the member stood, what
they had chosen, what was ruled out, and the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.deciding.recommender import View
from bot.experiments import by_experiment
from bot.ids import digest
from bot.policy.facts import Facts, Limits, Standing, WrittenRule
from bot.settings import PolicySettings
from recsys.model import Manifest
from recsys.prior import DISMISSES, ENGAGES, OPTS_OUT
from recsys.state import as_of
from recsys.types import (
    SAME_STORY,
    ChannelId,
    Exposures,
    ItemId,
    MemberId,
    Query,
    Signals,
    Topic,
)

STAGES = ("reach", "offer", "composer", "again", "queued", "asked", "prompts")
"""where a decision ended: at the reach rules, the offer rules, the composer, the caps as they
stood when it was written down, or on its way"""
POLICY = ("threshold", "explore_per_day", "explore_floor", "holdout", "shelf_floor")


def record(facts: Facts, policy: PolicySettings, view: View | None) -> dict[str, Any]:
    """The inputs as JSON; without a view only those that the reach rules read."""
    told: dict[str, Any] = {
        "standing": standing_record(facts.standing),
        "explored_today": facts.explored_today,
        "policy": {name: getattr(policy, name) for name in POLICY},
    }
    if view is None:
        return told
    query = facts.query
    return {
        **told,
        "query": {
            "zone": query.member.zone,
            "team": query.member.team,
            "follows": sorted(query.member.follows),
            "mutes": sorted(query.member.mutes),
            "channels": sorted(query.member.channels),
            "blocked": sorted(query.blocked),
            "pinned": sorted(query.pinned),
            "same_story": query.same_story,
            "sensitive": sorted(query.sensitive),
            "limit": query.limit,
            "styles": list(query.styles),
            "suited": {kind: list(styles) for kind, styles in query.suited.items()},
        },
        "arms": by_experiment(facts.arms),
        "epsilon": getattr(view.pipeline.selector, "epsilon", 0.0),
        "model": model_print(view.manifest),
        "read": {
            "at": view.origin.at.isoformat(),
            "marks": view.origin.marks.as_json(),
            "snapshot": view.origin.catalogue.snapshot,
        },
        "prints": prints(query, view),
    }


def standing_record(standing: Standing) -> dict[str, Any]:
    """A standing as JSON; `local` follows from the moment and the zone."""
    told = {field.name: getattr(standing, field.name) for field in fields(standing)}
    told["limits"] = {
        **asdict(standing.limits), "weekdays": sorted(standing.limits.weekdays)
    }  # fmt: skip
    told["purposes"] = sorted(standing.purposes)
    told["local"] = str(standing.local.tzinfo)
    told["rules"] = [asdict(rule) for rule in standing.rules]
    for name in ("now", "paused_until", "last_sent_at"):
        told[name] = told[name].isoformat() if told[name] is not None else None
    # the name is in the members' table, and nothing here depends on it
    del told["first_name"]
    return told


def standing_from(told: Mapping[str, Any]) -> Standing:
    """The standing that `standing_record` wrote."""
    values = {**told, "first_name": ""}
    for name in ("now", "paused_until", "last_sent_at"):
        values[name] = None if told[name] is None else datetime.fromisoformat(told[name])
    values["local"] = values["now"].astimezone(ZoneInfo(told["local"]))
    values["purposes"] = frozenset(told["purposes"])
    values["rules"] = tuple(WrittenRule(**rule) for rule in told.get("rules", ()))
    limits = told["limits"]
    values["limits"] = Limits(**{**limits, "weekdays": frozenset(limits["weekdays"])})
    return Standing(**values)


def query_from(told: Mapping[str, Any], standing: Standing, seed: int, view: View) -> Query:
    """The query that was asked, over the past as `view` knows it."""
    asked, moment = told["query"], standing.now.timestamp()
    known = view.memory.state(MemberId(standing.member), asked["zone"], standing.purposes)
    state = replace(
        known,
        zone=asked["zone"],
        team=asked["team"],
        follows=frozenset(Topic(one) for one in asked["follows"]),
        mutes=frozenset(Topic(one) for one in asked["mutes"]),
        channels=frozenset(ChannelId(one) for one in asked["channels"]),
    )
    return Query(
        member=as_of(state, moment),
        workspace=view.memory.workspace_at(moment),
        now=moment,
        seed=seed,
        limit=asked["limit"],
        same_story=asked.get("same_story", SAME_STORY),
        blocked=frozenset(ItemId(one) for one in asked["blocked"]),
        pinned=frozenset(ItemId(one) for one in asked.get("pinned", ())),
        sensitive=frozenset(Topic(one) for one in asked.get("sensitive", ())),
        styles=tuple(asked["styles"]),
        suited={kind: tuple(styles) for kind, styles in asked.get("suited", {}).items()},
    )


def model_print(manifest: Manifest | None) -> str:
    """What stands for a model: its files' checksums, or the prior's formulas."""
    told = blake2b(digest_size=16)
    if manifest is None:
        told.update(repr((ENGAGES, DISMISSES, OPTS_OUT)).encode())
    else:
        told.update(repr(sorted(manifest.files.items())).encode())
    return told.hexdigest()


def prints(query: Query, view: View) -> dict[str, dict[str, Any]]:
    """Counts and hashes of all that the stages read of the past, by part."""
    workspace = query.workspace
    whose = view.memory.numbers[workspace.touches_member]
    touches = (workspace.touches_at, workspace.touches_row, whose)
    return {
        "items": {
            "count": len(view.pipeline.pool), "hash": view.origin.catalogue.fingerprint
        },
        "signals": {"count": len(query.member.signals), "hash": _signals(query.member.signals)},
        "openers": {
            "count": len(query.member.exposures), "hash": _exposures(query.member.exposures)
        },
        "workspace": {
            "count": int(workspace.touches_at.size) + len(workspace.exposures),
            "hash": _hash(*touches, *_columns(workspace.exposures)),
        },
        "team": {
            "count": len(query.member.mates), "hash": digest(*sorted(query.member.mates))
        },
    }  # fmt: skip


def _signals(signals: Signals) -> str:
    return _hash(signals.at, signals.kind, signals.row, signals.channel, signals.vectors)


def _exposures(exposures: Exposures) -> str:
    return _hash(*_columns(exposures))


def _columns(exposures: Exposures) -> tuple[Any, ...]:
    """All but whose they are: positions move as members join."""
    return (
        exposures.at, exposures.row, exposures.style, exposures.outcome, exposures.outcome_at,
        exposures.hour, exposures.expected,
    )  # fmt: skip


def _hash(*columns: Any) -> str:
    told = blake2b(digest_size=16)
    for column in columns:
        told.update(np.ascontiguousarray(column).tobytes())
        told.update(b"\0")
    return told.hexdigest()
