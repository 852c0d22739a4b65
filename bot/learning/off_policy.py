"""Logged decisions as columns for `recsys.evaluation.off_policy`: what was, and what would be.

An action is to speak about one of the first of the slate, or silence. What lay below them was
never chosen and cannot be asked about. Exploration below the threshold belongs to the policy that
served, not to the target; the share withheld at random is the same for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bot.policy.rules import EXPLORES_ABOVE, PROMISED
from bot.ports import Progress, silent
from bot.store import tables
from bot.store.database import Unit
from recsys.evaluation.off_policy import Logged
from recsys.explore import Selector
from recsys.features import FEATURES, SCHEMA_HASH
from recsys.labels import GRADES
from recsys.model import Model
from recsys.ranker import DISMISS, OPT_OUT, VALUE, rescored
from recsys.types import Floats, OutcomeKind

TOP = Selector.top
"""candidates that could be chosen"""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about; None leaves it as it was."""

    threshold: float | None = None
    style: str | None = None
    """spoken in wherever it suits the item's kind"""
    model: Model | None = None


@dataclass
class Log:
    """The columns, and why decisions are not among them."""

    left_out: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def columns(self) -> Logged:
        shape = (-1, TOP + 1)
        stack = {
            name: np.array([row[name] for row in self.rows], np.float64).reshape(shape)
            for name in ("logged", "target", "modelled")
        }
        return Logged(
            **stack,
            action=np.array([row["action"] for row in self.rows], np.intp),
            reward=np.array([row["reward"] for row in self.rows], np.float64),
            within=np.array([row["within"] for row in self.rows], np.float64),
            groups=[row["member"] for row in self.rows],
        )


def read(
    unit: Unit, target: Target, since: datetime, until: datetime, progress: Progress = silent
) -> Log:
    """All decisions with a pick in [since, until) whose outcome is known."""
    log = Log()
    asked = (
        tables.Decision.workspace_id == unit.workspace,
        tables.Decision.at >= since,
        tables.Decision.at < until,
        tables.Decision.item_id.is_not(None),
        tables.Decision.kind == "slot",
    )
    total = unit.session.scalar(select(func.count()).select_from(tables.Decision).where(*asked))
    decisions = unit.session.scalars(
        select(tables.Decision).where(*asked).order_by(tables.Decision.at, tables.Decision.id)
    )
    openers, outcomes = _openers(unit), _outcomes(unit)
    for done, decision in enumerate(decisions, 1):
        progress("Reading decisions", done, total or 0)
        opener = openers.get(decision.id)
        reason = _unusable(decision, opener, target)
        if reason:
            log.left_out[reason] += 1
            continue
        came = outcomes.get(opener.id, []) if opener is not None else []
        log.rows.append(_row(decision, target, reward(came)))
    return log


def reward(kinds: Sequence[str]) -> float:
    """What an opener was worth: the same table as the utility that slates are ordered by."""
    found = [OutcomeKind[kind.upper()] for kind in kinds]
    engaged = max((GRADES[kind].target for kind in found), default=0.0)
    return (
        VALUE * engaged
        - DISMISS * (OutcomeKind.DISMISSED in found)
        - OPT_OUT * (OutcomeKind.OPTED_OUT in found)
    )


def _unusable(decision: tables.Decision, opener: tables.Opener | None, target: Target) -> str:
    told, slate = decision.inputs, decision.slate
    if decision.arm == PROMISED:
        return "promised to its member, so no policy chose it"
    if told is None or slate is None or "query" not in told:
        return "made before inputs were kept with decisions"
    if slate["schema"] != SCHEMA_HASH:
        return "made with other features"
    if decision.p_item is None or decision.p_style is None or slate["chosen"] is None:
        return "without a propensity"
    if opener is not None and opener.state not in ("closed", "withdrawn", "expired", "failed"):
        return "its window is still open"
    if target.style is not None and _own_style(told) not in (None, target.style):
        # which arm a member is in was drawn by us, so to leave some out leaves nothing askew
        return "in an arm that has another style for good"
    if target.style is not None and opener is not None and opener.style != decision.style:
        return "said in another style than the drawn one"
    return ""


def _row(decision: tables.Decision, target: Target, came: float) -> dict[str, Any]:
    told, slate = decision.inputs or {}, decision.slate or {}
    top = slate["top"][:TOP]
    logged_share = _drawn([one["utility"] for one in top], 0, told["epsilon"])
    # of the pick itself the exact figures are kept; those of the others are rounded
    chosen = slate["chosen"]
    logged_share[chosen] = decision.p_item
    exact = {"engages": decision.engages, "utility": decision.utility}
    known = [{**one, **exact} if n == chosen else one for n, one in enumerate(top)]
    allowed = np.ones(len(top))
    own = _under(told["policy"]["threshold"], known, told, slate["uncertainty"])
    if decision.p_speak == 0 < own[chosen]:
        allowed[chosen] = 0.0  # by a rule of an admin's, which binds the target as well
    speaks = sum(part * _under(bar, known, told, slate["uncertainty"]) for part, bar in _bars(told))
    logged = _actions(logged_share * allowed * speaks)
    heads = _scored(top, target.model)
    share = _drawn(heads["utility"], heads["first"], told["epsilon"])
    bars = _bars(told) if target.threshold is None else [(1.0, target.threshold)]
    clears = sum(part * (heads["engages"] >= bar) for part, bar in bars)
    would = np.where(heads["utility"] > 0, clears, 0.0)
    targeted = _actions(share * allowed * would * (1 - told["policy"]["holdout"]))
    spoke = told["stage"] in ("queued", "composer", "again")
    within = 1.0
    if spoke and target.style is not None and _suits(target.style, told):
        within = (decision.style == target.style) / float(decision.p_style or 1.0)
    modelled = np.zeros(TOP + 1)
    modelled[: len(top)] = [one["utility"] for one in top]
    return {
        "logged": logged,
        "target": targeted,
        "modelled": modelled,
        "action": chosen if spoke else TOP,
        "reward": came if spoke else 0.0,
        "within": within,
        "member": decision.member_id,
    }


def _actions(speaking: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """(TOP + 1,) with silence last: whatever is left."""
    found = np.zeros(TOP + 1)
    found[: speaking.size] = speaking
    found[TOP] = max(0.0, 1.0 - float(speaking.sum()))
    return found


def _drawn(utilities: Sequence[float] | Floats, first: int, epsilon: float) -> Any:
    """How likely the selector takes each, as `recsys.explore.Selector` does."""
    values = np.asarray(utilities, np.float64)
    raised = np.exp((values - values.max()) / Selector.temperature)
    chances = epsilon * raised / raised.sum()
    chances[first] += 1 - epsilon
    return chances


def _bars(told: Mapping[str, Any]) -> list[tuple[float, float]]:
    """(share, threshold) of the arms that the member could have been drawn into; mostly one."""
    for one in told.get("arms", {}).values():
        if one["varies"] == "threshold":
            return [(share, threshold) for share, threshold in one["running"]]
    return [(1.0, told["policy"]["threshold"])]


def _suits(style: str, told: Mapping[str, Any]) -> bool:
    """Whether the style could be drawn for the pick; elsewhere the target leaves it as it was."""
    kind = (told.get("offered") or {}).get("kind", "")
    return style in told["query"].get("suited", {}).get(kind, (style,))


def _own_style(told: Mapping[str, Any]) -> str | None:
    """The style that the member's arm always speaks in."""
    arms = told.get("arms", {}).values()
    return next((one["value"] for one in arms if one["varies"] == "style"), None)


def _under(
    threshold: float, top: Sequence[Mapping[str, Any]], told: Mapping[str, Any], uncertainty: float
) -> Any:
    """(k,) chance to speak about each under one threshold, but for admins' rules; see `Offer`."""
    policy = told["policy"]
    engages = np.array([one["engages"] for one in top])
    worth = np.array([one["utility"] for one in top]) > 0
    explores = (
        (uncertainty > EXPLORES_ABOVE)
        & (engages >= policy["explore_floor"])
        & (told["explored_today"] < policy["explore_per_day"])
    )
    may = worth & ((engages >= threshold) | explores)
    return np.where(may, 1 - policy["holdout"], 0.0)


def _scored(top: Sequence[Mapping[str, Any]], model: Model | None) -> dict[str, Any]:
    if model is None:
        told = {name: np.array([one[name] for one in top]) for name in ("engages", "utility")}
        return {**told, "first": 0}
    names = [feature.name for feature in FEATURES]
    matrix = np.array([[one["features"][name] for name in names] for one in top], np.float32)
    found = rescored(model, matrix)
    return {
        "engages": found.engages, "utility": found.utility, "first": int(found.by.argmax()),
    }  # fmt: skip


def _openers(unit: Unit) -> dict[str, tables.Opener]:
    found = unit.session.scalars(
        select(tables.Opener).where(tables.Opener.workspace_id == unit.workspace)
    )
    return {opener.decision_id: opener for opener in found}


def _outcomes(unit: Unit) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for opener, kind in unit.session.execute(
        select(tables.Outcome.opener_id, tables.Outcome.kind)
        .where(tables.Outcome.workspace_id == unit.workspace, tables.Outcome.undone_at.is_(None))
        .order_by(tables.Outcome.at, tables.Outcome.id)
    ):
        found.setdefault(opener, []).append(kind)
    return found
