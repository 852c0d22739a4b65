"""Behind the curtain: one decision from what was retrieved to what was said, and the silences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.demo.stage import Stage
from bot.emulator.extension import AskError, Given
from bot.policy.words import in_words
from bot.store import tables
from bot.store.database import Unit
from bot.store.decisions import Decisions
from bot.store.items import Items

MORNING = timedelta(hours=15)
"""how far back a morning reaches"""
SLOT = "slot"
"""the kind of a decision whether to speak first; what members asked for is of other kinds"""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
GONE = "an item that is not there any more"
STRONGEST = 8
"""features that are told of a pick"""

SOURCES: Mapping[str, str] = {
    "dense": "close to what they do and chose",
    "keyword": "shares words with what they wrote",
    "recent": "new",
    "popular": "others took it up",
    "addressed": "meant for them",
    "pinned": "pinned by a curator",
}
FILTERS: Mapping[str, str] = {
    "not_approved": "no curator approved it",
    "embargoed": "not out yet",
    "expired": "out of date",
    "not_visible": "they could not read it themselves",
    "already_sent": "they heard of it before",
    "already_took_part": "they took part in it",
    "own_item": "they wrote it",
    "muted_topic": "a topic they muted",
    "sensitive_topic": "a sensitive topic that they did not choose",
    "resting_topic": "a topic that rests after a no",
    "same_story": "they heard of the same story",
    "blocked": "enough others heard of it today, or they turned it down",
}


@dataclass(frozen=True)
class Curtain:
    """Reads decisions as they are kept."""

    stage: Stage

    def decision(self, given: Given) -> Mapping[str, Any]:
        """One decision whole: by its id, or the last one about who sits there."""
        app, wanted = self.stage.app, str(given.values.get("decision") or "")
        with app.store.reading(app.workspace) as unit:
            decisions = Decisions(unit)
            found = decisions.starting_with(wanted) if wanted else []
            if not wanted:
                found = decisions.latest_of(given.user, SLOT, LONG_AGO)[:1]
            if len(found) != 1:
                return {"decision": None}
            return self._told(unit, found[0])

    def silences(self, given: Given) -> Mapping[str, Any]:
        """Who got nothing this morning, by reason, the most frequent first."""
        app, now = self.stage.app, self.stage.clock.now()
        with app.store.reading(app.workspace) as unit:
            rows = unit.session.execute(
                select(tables.Decision.id, tables.Decision.reason, tables.Member.name)
                .join(
                    tables.Member,
                    (tables.Member.workspace_id == tables.Decision.workspace_id)
                    & (tables.Member.id == tables.Decision.member_id),
                )
                .where(
                    tables.Decision.workspace_id == unit.workspace,
                    tables.Decision.at > now - MORNING,
                    tables.Decision.verdict == "silent",
                    tables.Decision.kind == SLOT,
                )
                .order_by(tables.Member.name)
            ).all()
        by_reason: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            by_reason.setdefault(row.reason, []).append({"decision": row.id, "name": row.name})
        ordered = sorted(by_reason.items(), key=lambda one: -len(one[1]))
        return {
            "count": len(rows),
            "reasons": [{"words": in_words(reason), "people": who} for reason, who in ordered],
        }

    def _told(self, unit: Unit, decision: tables.Decision) -> dict[str, Any]:
        member = unit.session.get_one(tables.Member, (unit.workspace, decision.member_id))
        opener = unit.session.scalar(
            select(tables.Opener).where(tables.Opener.decision_id == decision.id)
        )
        if member is None:
            raise AskError("That member is not here any more.")
        zone = ZoneInfo(member.zone or self.stage.bundle.zone)
        slate = decision.slate or None
        return {
            "decision": decision.id,
            "member": member.name,
            "at": _when(decision.at.astimezone(zone)),
            "spoke": decision.verdict == "speak",
            "reason": "" if decision.verdict == "speak" else in_words(decision.reason),
            "stage": (decision.inputs or {}).get("stage", ""),
            "retrieved": None if slate is None else _retrieved(slate),
            "dropped": None if slate is None else _dropped(slate),
            "ranked": None if slate is None else _ranked(unit, slate, decision),
            "rules": [rule(one) for one in decision.rules],
            "said": None if opener is None else _said(opener),
            "record": _record(decision),
        }


def _retrieved(slate: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "count": slate["retrieved"],
        "sources": [
            {"name": name, "words": SOURCES.get(name, name), "count": count}
            for name, count in slate["by_source"].items()
            if count
        ],
        "failures": slate.get("failures") or [],
    }


def _dropped(slate: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "count": sum(slate["dropped"].values()),
        "filters": [
            {"name": name, "words": FILTERS.get(name, name.replace("_", " ")), "count": count}
            for name, count in slate["dropped"].items()
        ],
    }


def _ranked(unit: Unit, slate: Mapping[str, Any], decision: tables.Decision) -> dict[str, Any]:
    items = {one["item"]: Items(unit).get(one["item"]) for one in slate["top"]}
    titles = {name: item.title if item is not None else GONE for name, item in items.items()}
    return {
        "count": slate["ranked"],
        "model": decision.model_version,
        "arm": decision.arm,
        "why": (decision.why or "").splitlines(),
        "added": _added(slate),
        "top": [
            {
                "title": titles[one["item"]],
                "engages": one["engages"],
                "dismisses": one["dismisses"],
                "utility": one["utility"],
                "chosen": position == slate["chosen"],
                "sources": [SOURCES.get(name, name) for name in one["sources"]],
                "features": one["features"],
            }
            for position, one in enumerate(slate["top"])
        ],
    }


def _added(slate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each feature added to the pick's logit, the strongest first."""
    parts = slate.get("contributions") or {}
    told = sorted(parts.items(), key=lambda one: -abs(one[1]))
    return [{"name": name.replace("_", " "), "added": round(value, 3)} for name, value in told
            if value][:STRONGEST]  # fmt: skip


def rule(result: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's result with its name and its reason in words."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(result["rule"])).replace("_", " ")
    words = "" if result["allowed"] else in_words(str(result["reason"]))
    return {"name": name.capitalize(), "allowed": result["allowed"], "words": words}


def _said(opener: tables.Opener) -> dict[str, Any]:
    return {
        "text": opener.text,
        "why": opener.why,
        "style": opener.style.replace("_", " "),
        "prompt": opener.prompt,
        "model": opener.language_model,
        "state": opener.state,
    }


def _record(decision: tables.Decision) -> dict[str, Any]:
    told = {column.name: getattr(decision, column.name) for column in decision.__table__.columns}
    return {**told, "at": decision.at.isoformat()}


def _when(local: datetime) -> str:
    return f"{local:%A}, {local.day} {local:%B}, {local:%H:%M}"
