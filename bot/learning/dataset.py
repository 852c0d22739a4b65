"""Decisions as Parquet, for a notebook: features as of each decision, labels, propensities.

No word of a member's is in it: neither openers nor titles nor messages. Members are pseudonyms
under a key that stays at home, unless their ids are asked for. Whoever does not agree to openers
(any more) is left out: to learn from answers is part of that consent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from bot.policy.purposes import OPENERS
from bot.reading import told
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from recsys import labels
from recsys.features import FEATURES, SCHEMA_HASH
from recsys.types import OutcomeKind

DECISIONS, CANDIDATES = "decisions.parquet", "candidates.parquet"
AT_ONCE = 2_000
"""decisions in memory, and in a row group"""
PREFIX = "feature_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, and what it says."""

    name: str
    type: str
    sentence: str


OF_DECISIONS: tuple[Column, ...] = (
    Column("decision", "string", "the decision's id; `overture why` explains it"),
    Column("member", "string", "a pseudonym, the same in every export under the same key"),
    Column("at", "timestamp", "when it was made, UTC"),
    Column("kind", "string", "`slot`, or `asked` and `prompts` for what a member came for"),
    Column("verdict", "string", "`speak` or `silent`"),
    Column("reason", "string", "the deciding reason; `worth_it` where it spoke"),
    Column("arm", "string", "`normal`, `explore`, `holdout`, or `promised` to the member"),
    Column("experiments", "string", "`experiment=arm` of each that ran, by name; null without"),
    Column("p_arms", "double", "chance that the member is in these arms"),
    Column("model", "string", "the version that ranked; null where no slate was made"),
    Column("policy", "string", "the version of the rules"),
    Column("schema", "string", "the hash of the features that it was made with"),
    Column("item", "string", "the pick's id; null where there was none"),
    Column("style", "string", "the style that was drawn"),
    Column("said", "string", "the style of the opener; another where no template of it serves"),
    Column("threshold", "double", "P(engages) from which it might speak"),
    Column("holdout", "double", "the share that was withheld at random"),
    Column("uncertainty", "double", "half-width of P(engages) that the model admitted"),
    Column("engages", "double", "P(engages) of the pick"),
    Column("dismisses", "double", "P(dismisses) of the pick"),
    Column("opts_out", "double", "P(opts out) of the pick"),
    Column("utility", "double", "what the pick was expected to be worth"),
    Column("p_speak", "double", "chance that it spoke about this pick"),
    Column("p_item", "double", "chance that this item was picked"),
    Column("p_style", "double", "chance that this style was drawn"),
    Column("propensity", "double", "the product of the three"),
    Column("shown", "bool", "whether an opener arrived"),
    Column("closed", "bool", "whether its window is over; labels are null before"),
    Column("outcome", "string", "what became of it; the last one counts, silence yields to any"),
    Column("seconds", "double", "from its arrival to that"),
    Column("engaged", "double", "the label, 0 to 1"),
    Column("dismissed", "bool", "whether it was refused"),
    Column("opted_out", "bool", "whether the member left over it"),
    Column("weight", "double", "how much the label counts in training"),
)
OF_CANDIDATES: tuple[Column, ...] = (
    Column("decision", "string", "as in the decisions"),
    Column("position", "int32", "place in the slate, the best is 0"),
    Column("item", "string", "the candidate's id"),
    Column("chosen", "bool", "whether it was picked"),
    Column("engages", "double", "P(engages)"),
    Column("dismisses", "double", "P(dismisses)"),
    Column("opts_out", "double", "P(opts out)"),
    Column("utility", "double", "what the slate was ordered by"),
)
_TYPES: Mapping[str, Callable[[], Any]] = {
    "string": pa.string,
    "double": pa.float64,
    "float": pa.float32,
    "int32": pa.int32,
    "bool": pa.bool_,
    "timestamp": lambda: pa.timestamp("us", tz="UTC"),
}


@dataclass
class Exported:
    """How many rows were written, and whose decisions were not."""

    decisions: int = 0
    candidates: int = 0
    left_out: int = 0
    """decisions of members who do not agree to openers"""
    other_features: int = 0
    """decisions that were made with other features than today's: their features are null"""


def export(
    unit: Unit,
    folder: Path,
    since: datetime | None,
    until: datetime | None,
    name_of: Callable[[str], str],
) -> Exported:
    """Write both files into `folder`, which is made if it is missing; all or nothing.

    Decisions in [since, until) are exported; `name_of` gives what stands for a member.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = Exported()
    paths = [folder / f"{name}.partial" for name in (DECISIONS, CANDIDATES)]
    schemas = [schema(OF_DECISIONS), schema(OF_CANDIDATES)]
    try:
        with (
            pq.ParquetWriter(paths[0], schemas[0]) as decisions,
            pq.ParquetWriter(paths[1], schemas[1]) as candidates,
        ):
            rows = _rows(unit, since, until, name_of, done)
            while some := list(islice(rows, AT_ONCE)):
                first = [decision for decision, _ in some]
                second = [one for _, slate in some for one in slate]
                decisions.write_table(pa.Table.from_pylist(first, schemas[0]))
                candidates.write_table(pa.Table.from_pylist(second, schemas[1]))
                done.decisions += len(first)
                done.candidates += len(second)
        for path in paths:
            os.replace(path, path.with_suffix(""))
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    return done


def schema(columns: tuple[Column, ...]) -> Any:
    """The Arrow schema: these columns, and one for each feature."""
    fields = [pa.field(one.name, _TYPES[one.type]()) for one in columns]
    fields += [pa.field(PREFIX + feature.name, pa.float32()) for feature in FEATURES]
    return pa.schema(fields, metadata={"features": SCHEMA_HASH})


def pseudonyms(key: bytes) -> Callable[[str], str]:
    """Names that say nothing without the key, and are the same with it."""
    return lambda member: blake2b(member.encode(), key=key, digest_size=12).hexdigest()


def key_at(home: Path) -> bytes:
    """The key of this installation's pseudonyms, made when it is first needed."""
    path = home / "pseudonyms.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(32))
    return path.read_bytes()


def _rows(
    unit: Unit,
    since: datetime | None,
    until: datetime | None,
    name_of: Callable[[str], str],
    done: Exported,
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    decision, opener = tables.Decision, tables.Opener
    query = (
        select(decision, opener)
        .outerjoin(opener, opener.decision_id == decision.id)
        .where(decision.workspace_id == unit.workspace)
        .order_by(decision.at, decision.id)
    )
    if since is not None:
        query = query.where(decision.at >= since)
    if until is not None:
        query = query.where(decision.at < until)
    granted, fates = Consents(unit).all_granted(), told.fates(unit)
    for made, shown in unit.session.execute(query.execution_options(yield_per=AT_ONCE)):
        if OPENERS not in granted.get(made.member_id, ()):
            done.left_out += 1
            continue
        slate = made.slate or {}
        known = slate.get("schema") == SCHEMA_HASH
        done.other_features += bool(slate) and not known
        row = {
            **_decision(made, name_of),
            **_label(shown, fates),
            **_features(_chosen(slate) if known else None),
        }
        yield row, _candidates(made.id, slate, known)


def _decision(made: tables.Decision, name_of: Callable[[str], str]) -> dict[str, Any]:
    told_of = (made.inputs or {}).get("policy", {})
    arms = (made.inputs or {}).get("arms", {})
    slate = made.slate or {}
    plain = ("kind", "verdict", "reason", "arm", "style", "engages", "dismisses", "opts_out",
             "utility", "p_speak", "p_item", "p_style", "propensity", "at")  # fmt: skip
    return {
        "decision": made.id,
        "member": name_of(made.member_id),
        "item": made.item_id,
        "experiments": " ".join(f"{n}={arms[n]['arm']}" for n in sorted(arms)) or None,
        "p_arms": prod(arm["share"] for arm in arms.values()),
        "model": made.model_version,
        "policy": made.policy_version,
        "schema": slate.get("schema"),
        "uncertainty": slate.get("uncertainty"),
        "threshold": told_of.get("threshold"),
        "holdout": told_of.get("holdout"),
        **{name: getattr(made, name) for name in plain},
    }


def _label(shown: tables.Opener | None, fates: Mapping[str, tuple[int, float]]) -> dict[str, Any]:
    """What became of the opener; labels are those that training uses."""
    arrived = shown is not None and shown.state in ("sent", "closed")
    closed = shown is not None and shown.state == "closed"
    said = shown.style if shown is not None else None
    known: dict[str, Any] = {"shown": arrived, "closed": closed, "said": said}
    if shown is None or not closed or shown.sent_at is None or shown.id not in fates:
        return known
    kind, at = fates[shown.id]
    seconds = max(0.0, at - shown.sent_at.timestamp())
    outcome = np.array([kind], np.int8)
    return {
        **known,
        "outcome": OutcomeKind(kind).name.lower(),
        "seconds": seconds,
        "engaged": float(labels.target(outcome)[0]),
        "dismissed": kind == OutcomeKind.DISMISSED,
        "opted_out": kind == OutcomeKind.OPTED_OUT,
        "weight": float(labels.weight(outcome, np.array([seconds]))[0]),
    }


def _chosen(slate: Mapping[str, Any]) -> Mapping[str, Any] | None:
    place = slate.get("chosen")
    return slate["top"][place] if place is not None and place < len(slate["top"]) else None


def _candidates(decision: str, slate: Mapping[str, Any], known: bool) -> list[dict[str, Any]]:
    plain = ("item", "engages", "dismisses", "opts_out", "utility")
    return [
        {
            "decision": decision,
            "position": position,
            "chosen": position == slate["chosen"],
            **{name: one[name] for name in plain},
            **_features(one if known else None),
        }
        for position, one in enumerate(slate.get("top", ()))
    ]


def _features(one: Mapping[str, Any] | None) -> dict[str, float]:
    return {} if one is None else {PREFIX + name: x for name, x in one["features"].items()}
