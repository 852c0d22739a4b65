"""The rules that admins write: saved in versions, tried against the past, switched on and off."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.deciding import inputs
from bot.policy.expressions import compiled
from bot.policy.facts import WrittenRule
from bot.policy.vocabulary import Offered, of_member, of_offer
from bot.policy.written import holds
from bot.ports import BadInput, Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store
from bot.store.decisions import Decisions
from bot.store.rules import AdminRules
from recsys.types import ItemId, Pick

LAST = timedelta(days=30)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done to the openers of the last month."""

    openers: int
    silenced: int
    members: int
    """how many members would have heard less"""
    unknown: int
    """openers of which too little is kept to tell; they are not counted above"""
    examples: tuple[str, ...]
    """decisions that would have been silence, the newest first"""

    def sentence(self) -> str:
        told = f"This would have silenced {self.silenced} of {self.openers} openers"
        told += f" of the last {LAST.days} days, to {self.members} members."
        if self.unknown:
            told += f" Of {self.unknown} more too little is kept to tell."
        return told


@dataclass(frozen=True)
class Ruling:
    """Keeps the rules of one workspace; every change is in the audit log with who made it."""

    store: Store
    workspace: str

    def list(self, name: str | None = None) -> list[tables.AdminRule]:
        with self.store.reading(self.workspace) as unit:
            return list(AdminRules(unit).list(name))

    def save(self, name: str, text: str, *, by: str, now: datetime) -> tables.AdminRule:
        """Keep an expression as the next version of a rule, still off.

        Raises BadInput: the name or the expression is not what it should be, and where.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no name of a rule: write it like no-mondays, at most 40")
        compiled(text)
        with self.store.writing(self.workspace) as unit:
            made = AdminRules(unit).save(name, text, at=now, by=by)
            halves = {"expression": text[:250], "rest": text[250:]}
            Audit(unit).append(now, by, "rule.saved", f"{name} v{made.version}", halves)
            unit.commit()
        return made

    def switch_on(
        self, name: str, version: int | None, *, by: str, now: datetime
    ) -> tables.AdminRule:
        """Let a version, by default the newest, be on, and no other of that name."""
        with self.store.writing(self.workspace) as unit:
            found = {rule.version: rule for rule in AdminRules(unit).list(name)}
            wanted = max(found, default=0) if version is None else version
            if wanted not in found:
                raise Refused(f"there is no rule {name} v{wanted}; `overture rules list` has all")
            compiled(found[wanted].expression)
            AdminRules(unit).switch(name, wanted)
            Audit(unit).append(now, by, "rule.on", f"{name} v{wanted}")
            unit.commit()
            return found[wanted]

    def switch_off(self, name: str, *, by: str, now: datetime) -> None:
        with self.store.writing(self.workspace) as unit:
            on = [rule.version for rule in AdminRules(unit).are_on() if rule.name == name]
            if not on:
                raise Refused(f"no version of {name} is on; `overture rules list` has all")
            AdminRules(unit).switch(name, None)
            Audit(unit).append(now, by, "rule.off", f"{name} v{on[0]}")
            unit.commit()

    def test(self, text: str, now: datetime) -> Trial:
        """What this expression would have silenced of the last month. Raises BadInput."""
        rule = WrittenRule("tried", 1, compiled(text).text)
        with self.store.reading(self.workspace) as unit:
            made = Decisions(unit).spoken(now - LAST, now)
        verdicts = [(one, _silences(rule, one)) for one in made]
        hit = [one for one, silenced in verdicts if silenced]
        unknown = sum(silenced is None for _, silenced in verdicts)
        members = Counter(one.member_id for one in hit)
        examples = tuple(one.id for one in reversed(hit))[:5]
        return Trial(len(made) - unknown, len(hit), len(members), unknown, examples)


def _silences(rule: WrittenRule, decision: tables.Decision) -> bool | None:
    """Whether a rule would have silenced a decision; None where its inputs do not tell."""
    told = decision.inputs or {}
    if "standing" not in told or not told.get("offered"):
        return None
    facts: dict[str, Any] = of_member(inputs.standing_from(told["standing"]))
    if holds(rule, facts, offers=False):
        return True
    facts |= of_offer(Offered.from_record(told["offered"]), _pick(decision))
    return holds(rule, facts, offers=True)


def _pick(decision: tables.Decision) -> Pick:
    return Pick(
        row=-1,
        item=ItemId(decision.item_id or ""),
        position=-1,
        style=decision.style or "",
        engages=decision.engages or 0.0,
        dismisses=decision.dismisses or 0.0,
        opts_out=decision.opts_out or 0.0,
        utility=decision.utility or 0.0,
        item_propensity=decision.p_item or 0.0,
        style_propensity=decision.p_style or 0.0,
        explored=decision.arm == "explore",
    )
