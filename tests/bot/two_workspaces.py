"""Two workspaces on one database, with the same external ids and everything that can be kept.

Each bears a mark in all of its words: where one's mark is found in the other, something leaked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, select
from sqlalchemy import Table as CoreTable
from sqlalchemy.orm import Session

from bot.app import App
from bot.policy.purposes import NAMES
from bot.ports import Delivery, Receipt
from bot.settings import Settings, SlackSettings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store
from bot.store.tables import Table
from bot.store.types import Json, Moment, Sealed, SealedJson
from bot.store.workspaces import Served
from recsys.encoder import Encoder
from tests.bot.conversation_scene import ANY_HOUR
from tests.bot.scene import hashing

HOME, OTHER = "T0HOME", "T0OTHER"
MARKS = {HOME: "lighthouse", OTHER: "zanzibar"}
NOW = datetime(2026, 9, 7, 10, tzinfo=UTC)
ADA, GRACE = "U1ADA", "U2GRACE"
DM, CHANNEL, ITEM, TOPIC = "D1ADA", "C1GENERAL", "joins", "sql"
REF = "1788775200.000100"
GLOBAL = ("runs", "decisions", "openers", "outbox", "conversations", "handoffs", "proposals")
"""tables whose ids are the bot's own: they differ between workspaces, as digests do"""


@dataclass
class Recording:
    """A channel that keeps all that it is asked to show."""

    shown: list[object] = field(default_factory=list)
    name: str = "slack"
    call_deadline: float = 1.0

    def address_of(self, external_id: str) -> str:
        return "D" + external_id[1:]

    def send(self, delivery: Delivery) -> Receipt:
        self.shown.append(delivery)
        return Receipt(delivery.address, REF)

    def find(self, *_: object, **__: object) -> Receipt | None:
        return None

    def show_outcome(self, *told: object, **more: object) -> None:
        self.shown.append((told, more))

    def show_home(self, *told: object) -> None:
        self.shown.append(told)

    def __getattr__(self, name: str) -> Any:
        def keep(*told: object, **more: object) -> None:
            self.shown.append((name, told, more))

        return keep


def id_of(table: str, team: str) -> str:
    """The id of the one row of a table whose ids are global."""
    return f"{table[:2]}_{team}"


def fill(store: Store, team: str) -> None:
    """One row at least in every table that workspaces have rows in, with the mark in all words."""
    with store.writing(team) as unit:
        session = unit.session
        session.add(tables.Workspace(id=team, name=f"{MARKS[team]} team", created_at=NOW))
        session.flush()
        for table in Table.metadata.sorted_tables:
            if "workspace_id" not in table.c or table.name == "audit_log":
                continue
            for row in _rows(table, team):
                session.execute(table.insert().values(row))
        Audit(unit).append(NOW, MARKS[team], "something.done", MARKS[team], {"a": MARKS[team]})
        unit.commit()


def _rows(table: CoreTable, team: str) -> list[dict[str, Any]]:
    given = {"workspace_id": team} | _plain(table, team) | OWN.get(table.name, lambda _: {})(team)
    rows = [given]
    if table.name == "members":
        rows.append(given | {"id": GRACE, "name": f"Grace {MARKS[team]}"})
    if table.name == "identities":
        rows.append(given | {"external_id": GRACE, "member_id": GRACE, "address": "D2GRACE"})
    if table.name == "items":
        rows.append(given | {"id": f"only-{team.lower()}", "message_ref": None})
    if table.name == "consents":
        rows = [given | {"purpose": name} for name in NAMES]
    return rows


def _plain(table: CoreTable, team: str) -> dict[str, Any]:
    """A plausible value for each column that has to have one, and words for all that take them."""
    return {
        column.key: _value(table, column, team)
        for column in table.c
        if column.key != "workspace_id" and column.autoincrement is not True
        if not (column.nullable and not isinstance(column.type, Sealed))
    }


def _value(table: CoreTable, column: Column[Any], team: str) -> Any:
    name, kind, mark = column.key, column.type, MARKS[team]
    if name == "member_id":
        return ADA
    for other in GLOBAL:
        if name == f"{other[:-1]}_id" or (name == "id" and table.name == other):
            return id_of(other, team)
    known = {"item_id": ITEM, "channel_id": CHANNEL, "topic": TOPIC, "address": DM,
             "message_ref": REF, "thread_ref": REF, "day": "2026-09-07"}  # fmt: skip
    if name in known:
        return known[name]
    if isinstance(kind, Moment):
        return NOW
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return 1
    if isinstance(kind, SealedJson):
        return {"text": mark}
    if isinstance(kind, type(Json)) or kind is Json:
        return []
    limit = getattr(kind, "length", None)
    text = f"{mark} {name}"
    return text[:limit] if limit else text


OWN: dict[str, Any] = {
    "members": lambda team: {"id": ADA, "name": f"Ada {MARKS[team]}", "zone": "UTC",
                             "country": "", "locale": ""},
    "identities": lambda team: {"channel": "slack", "external_id": ADA, "address": DM},
    "topics": lambda team: {"slug": TOPIC},
    "topic_choices": lambda team: {"stance": "follow"},
    "channels": lambda team: {"id": CHANNEL, "kind": "public"},
    "consents": lambda team: {"granted_at": NOW - timedelta(days=9), "withdrawn_at": None},
    "items": lambda team: {
        "id": ITEM, "kind": "lesson", "audience_kind": "workspace", "approved_at": NOW,
        "approved_by": MARKS[team], "topics": [TOPIC], "channel_id": CHANNEL, "message_ref": REF,
        "text_hash": MARKS[team], "url": f"https://example.org/{MARKS[team]}",
        "published_at": NOW - timedelta(days=1), "level": None,
    },
    "signals": lambda team: {
        "key": f"{CHANNEL}/{REF}", "kind": "posted", "purpose": "channel_messages",
        "channel_id": CHANNEL,
    },
    "decisions": lambda team: {"verdict": "speak", "reason": "worth_it", "item_id": ITEM,
                               "slate": {}, "inputs": None},
    "openers": lambda team: {
        "state": "sent", "sent_at": NOW - timedelta(hours=1), "address": DM, "message_ref": REF,
        "window_closes_at": NOW + timedelta(hours=9),
    },
    "outbox": lambda team: {
        "kind": "opener", "state": "queued", "dedupe_key": f"slot:{MARKS[team]}",
        "opener_id": id_of("openers", team), "expires_at": NOW + timedelta(days=1),
        "payload": {"content": {"text": MARKS[team], "about": MARKS[team],
                                "opener": id_of("openers", team)}},
    },
    "inbox": lambda team: {"payload": {"text": MARKS[team], "at": NOW.timestamp()},
                           "done_at": NOW, "key": "Ev1", "kind": "message"},
    "conversations": lambda team: {"opener_id": id_of("openers", team)},
    "turns": lambda team: {"key": f"{DM}/{REF}", "author": "member"},
    "outcomes": lambda team: {"kind": "accepted"},
    "handoffs": lambda team: {"opener_id": id_of("openers", team)},
    "reviews": lambda team: {"state": "waiting", "message_ref": REF},
    "shelf": lambda team: {"item_id": f"only-{team.lower()}", "until": NOW + timedelta(days=2)},
    "roles": lambda team: {"role": "admin", "origin": "given"},
    "feeds": lambda team: {"id": "fe_same", "url": f"https://example.org/{MARKS[team]}.xml",
                           "audience_kind": "workspace", "next_at": NOW + timedelta(days=1)},
    "runs": lambda team: {"summary": {}},
    "installations": lambda team: {"expires_at": None, "installed_by": "settings"},
    "slots": lambda team: {"state": "waiting"},
    "job_runs": lambda team: {"summary": None},
    "arm_stops": lambda team: {"figures": {}},
    "curations": lambda team: {"item_id": ITEM},
}  # fmt: skip


def both(store: Store, folder: Path, channel: Recording) -> tuple[App, App]:
    """The application of each, as one process has them."""
    settings = Settings(
        database_url=str(store.engine.url), home=folder / "var", workspace=None,
        slack=SlackSettings(person=GRACE), policy=ANY_HOUR,
    )  # fmt: skip
    clock = type("Stands", (), {"now": lambda self: NOW})()
    encoder = Encoder("hashing", folder / "vectors", open_model=hashing)
    shared = App(settings, clock, store, "", channel, given_encoder=encoder)
    made = [shared.beside(Served(one, "", one, {}, NOW)) for one in (HOME, OTHER)]
    return made[0], made[1]


def rows_of(session: Session, team: str) -> dict[str, list[Any]]:
    """All rows of a workspace, by table."""
    found: dict[str, list[Any]] = {}
    for table in Table.metadata.sorted_tables:
        if "workspace_id" in table.c:
            query = select(table).where(table.c.workspace_id == team)
            found[table.name] = sorted(map(repr, session.execute(query)))
    return found
