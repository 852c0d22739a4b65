"""A decision made again from what is kept of it, and whether it came out the same.

What the stages read of the past is read up to the marks of that moment; where something of it is
gone or says something else today, the replay says what. Consent that was withdrawn stays
withdrawn: what a member no longer agrees to is not used again, not even to check ourselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.deciding import inputs
from bot.deciding.judging import caps, offer_of
from bot.deciding.recommender import Recommender, View
from bot.deciding.slates import contributions
from bot.deciding.slates import record as slate_record
from bot.policy.facts import Facts
from bot.policy.gate import RuleResult, Verdict, judge
from bot.policy.rules import (
    ANSWER_RULES,
    ASKED_RULES,
    OFFER_RULES,
    REACH_RULES,
    VERSION,
    Offer,
)
from bot.ports import Refused
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.decisions import Decisions
from bot.store.items import Items
from bot.store.marks import Marks
from recsys.features.catalog import SCHEMA_HASH
from recsys.model import PRIOR_VERSION, LoadedModel
from recsys.registry import Registry, RegistryError
from recsys.types import Slate, Version

SLATE = (
    "hash", "retrieved", "by_source", "dropped", "ranked", "top", "chosen", "contributions",
    "failures",
)  # fmt: skip
CHOICE = (
    "item_id", "style", "arm", "p_speak", "p_item", "p_style", "propensity", "engages",
    "dismisses", "opts_out", "utility",
)  # fmt: skip
SAME, DIFFERS, IMPOSSIBLE = "same", "differs", "impossible"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise."""

    what: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was when the decision was made."""

    what: str
    detail: str


@dataclass
class Replay:
    """How a decision came out when it was made again."""

    decision: str
    result: str = SAME
    compared: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def compare(self, what: str, then: Any, now: Any) -> None:
        self.compared.append(what)
        if then != now:
            self.differences.append(Difference(what, then, now))

    def changed(self, what: str, detail: str) -> None:
        self.changes.append(Change(what, detail))

    def impossible(self, what: str, detail: str) -> Replay:
        self.changed(what, detail)
        self.result = IMPOSSIBLE
        return self

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Replayer:
    """Makes decisions of one workspace again; nothing is written."""

    store: Store
    workspace: str
    recommender: Recommender
    registry: Registry

    def replay(self, decision: tables.Decision) -> Replay:
        """Make it again and compare. Raises what the store and the encoder raise."""
        done = Replay(decision.id)
        told = decision.inputs
        if told is None:
            why = "it was made before inputs were kept with decisions, or they are too old"
            return done.impossible("inputs", why)
        if decision.policy_version != VERSION:
            done.changed("policy", f"rules were {decision.policy_version}, are {VERSION} now")
        facts = inputs.standing_from(told["standing"])
        verdict = judge(REACH_RULES if decision.kind == "slot" else ANSWER_RULES, facts)
        if told["stage"] != "reach":
            slate = decision.slate or {}
            if slate.get("schema") != SCHEMA_HASH:
                then = str(slate.get("schema"))[:12]
                return done.impossible(
                    "features", f"schema was {then}, the code computes {SCHEMA_HASH[:12]} now"
                )
            verdict = self._recommended(done, decision, told, verdict)
            if done.result == IMPOSSIBLE:
                return done
        done.compare("rules", decision.rules, [dict(one.as_record()) for one in verdict.results])
        done.compare("verdict", decision.verdict, "speak" if verdict.allowed else "silent")
        done.compare("reason", decision.reason, verdict.reason or "worth_it")
        done.result = DIFFERS if done.differences else SAME
        if done.differences and not done.changes:
            done.changed("unknown", "nothing that is kept explains it: code, libraries or machine")
        return done

    def _recommended(
        self, done: Replay, decision: tables.Decision, told: Mapping[str, Any], reach: Verdict
    ) -> Verdict:
        loaded = self._model(done, decision, told)
        if done.result == IMPOSSIBLE:
            return reach
        read = told["read"]
        upto, at = Marks.from_json(read["marks"]), datetime.fromisoformat(read["at"])
        view = self.recommender.view_at(
            self.workspace,
            at,
            upto,
            loaded,
            epsilon=told["epsilon"],
            snapshot=read.get("snapshot", ""),
        )
        standing = inputs.standing_from(told["standing"])
        query = inputs.query_from(told, standing, decision.seed, view)
        self._look_for_changes(done, decision, upto, inputs.prints(query, view))
        slate = view.pipeline.run(query)
        _compare_slate(done, decision.slate or {}, _told(slate, view))
        facts = Facts(standing, told["explored_today"], decision.seed, query)
        policy = PolicySettings(**told["policy"])
        offer = offer_of(facts, slate, view, policy)
        _compare_choice(done, decision, slate, offer)
        rules = OFFER_RULES if decision.kind == "slot" else ASKED_RULES
        return _judged(decision, told, reach + judge(rules, offer), offer)

    def _model(
        self, done: Replay, decision: tables.Decision, told: Mapping[str, Any]
    ) -> LoadedModel | None:
        version = decision.model_version or PRIOR_VERSION
        loaded = None
        if version != PRIOR_VERSION:
            try:
                loaded = self.registry.load(Version(version))
            except RegistryError as error:
                done.impossible("model", f"{version} cannot be loaded: {error}")
                return None
        if inputs.model_print(loaded.manifest if loaded else None) != told["model"]:
            done.changed("model", f"{version} is another one than the one of that name then")
        return loaded

    def _look_for_changes(
        self, done: Replay, decision: tables.Decision, upto: Marks, now: Mapping[str, Any]
    ) -> None:
        then = (decision.inputs or {})["prints"]
        with self.store.reading(self.workspace) as unit:
            touched = Items(unit).touched_since(upto)
            withdrawn = Consents(unit).withdrawn_since(upto)
        for item, what, at in touched:
            done.changed("item", f"{item} was {what} at {at.isoformat(timespec='seconds')}")
        for one in withdrawn:
            done.changed("consent", f"{one.member_id} withdrew {one.purpose}")
        for change in _past_changes(then, now):
            done.changes.append(change)


def _past_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    names = {
        "items": "items of the pool",
        "signals": "signals of the member",
        "openers": "openers to the member",
        "workspace": "signals and openers of the workspace",
        "team": "members of their team",
    }
    for part, words in names.items():
        before, after = then[part]["count"], now[part]["count"]
        if before != after:
            yield Change(part, f"{before} {words} could be read then, {after} now")
        elif then[part]["hash"] != now[part]["hash"] and then["items"] == now["items"]:
            # rows are places in the pool: with another pool every hash is another one
            yield Change(part, f"the {after} {words} are not all as they were")
        elif part == "items" and then[part]["hash"] != now[part]["hash"]:
            yield Change(part, f"the {after} {words} do not all say what they said")


def _compare_slate(done: Replay, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name in SLATE:
        done.compare(f"slate {name}", then.get(name), now.get(name))


def _told(slate: Slate, view: View) -> Mapping[str, Any]:
    return slate_record(slate, view, contributions(slate, view))


def _compare_choice(done: Replay, decision: tables.Decision, slate: Slate, offer: Offer) -> None:
    pick = slate.chosen
    p_speak = offer.p_speak if pick is not None else None
    now: dict[str, Any] = dict.fromkeys(CHOICE)
    now |= {"arm": offer.arm, "p_speak": p_speak}
    if pick is not None and p_speak is not None:
        now |= {
            "item_id": pick.item,
            "style": pick.style,
            "p_item": pick.item_propensity,
            "p_style": pick.style_propensity,
            "propensity": p_speak * pick.item_propensity * pick.style_propensity,
            "engages": pick.engages,
            "dismisses": pick.dismisses,
            "opts_out": pick.opts_out,
            "utility": pick.utility,
        }
    for name in CHOICE:
        done.compare(name, getattr(decision, name), now[name])


def _judged(
    decision: tables.Decision, told: Mapping[str, Any], verdict: Verdict, offer: Offer
) -> Verdict:
    """What came after the rules: a composer may write otherwise tomorrow, so its word stands."""
    if told["stage"] == "composer" and verdict.allowed:
        return verdict + Verdict((RuleResult("composer", decision.reason),))
    if told["stage"] == "again" and verdict.allowed:
        again = told["again"]
        standing = inputs.standing_from(again["standing"])
        budget = offer.policy.explore_per_day
        shares = (again.get("shared_out", False), again.get("full", False))
        return caps(standing, offer.arm, again["explored_today"], budget, *shares)
    return verdict


def find(store: Store, workspace: str, prefix: str) -> tables.Decision:
    """The one decision whose id begins so. Raises Refused where there is none, or several."""
    with store.reading(workspace) as unit:
        found = Decisions(unit).starting_with(prefix)
    if len(found) != 1:
        problem = "is ambiguous" if found else "does not exist"
        raise Refused(f"decision {prefix!r} {problem}. `overture why` lists the last ones.")
    return found[0]
