"""A workspace with many members, and a Slack that counts what it committed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert

from bot.emulator import EmulatedWorkspace, Emulator, Fault, Person
from bot.ids import digest
from bot.policy.purposes import NAMES
from bot.settings import PolicySettings, Settings, SlackSettings
from bot.store import tables
from bot.store.channels import Channels, Place
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.items import Items
from bot.store.members import Members
from bot.store.members import Person as Somebody
from bot.store.outbox import OutboxRows
from recsys.types import WHOLE_WORKSPACE, Audience, Item, ItemId
from tests.bot.conversation_scene import ANY_HOUR
from tests.chaos.figures import Tally
from tests.chaos.timepiece import Running, Timepiece

START = datetime(2025, 10, 9, 9, tzinfo=UTC)
"""a Thursday in the morning"""
BOARD = "G1BOARD"
"""a private channel that all are in; the item `inside` is for its readers"""
KEEPS = timedelta(days=2)
"""after it a message is too old; longer than any scenario, unless it says otherwise"""
DEADLINE = 0.4
"""seconds of real time that a call may take"""
SETTLED = timedelta(seconds=30 + DEADLINE + 1 + 120)
"""after a call: a pass, its deadline with its grace, the settle time"""

IN_FLIGHT = 3
"""calls of one worker at once; few, so that one that dies takes few with it"""


@dataclass
class Scene:
    """One database, one emulated Slack, one time; workers are processes, see `processes`."""

    folder: Path
    url: str
    emulator: Emulator
    time: Timepiece
    settings: Settings
    store: Store
    members: list[str]
    expected: list[str] = field(default_factory=list)
    """ids of all rows that were ever put into the outbox"""

    @property
    def workspace(self) -> str:
        return self.emulator.workspace.id

    def address(self, member: str) -> str:
        return self.emulator.open_dm(member)

    def put(
        self, members: list[str], name: str = "", item: str = "joins", **more: Any
    ) -> list[str]:
        """An opener on its way to each of them; the ids of their rows."""
        now = self.time.now()
        details = {"now": now, "expires_at": now + KEEPS, **more}
        put = []
        with self.store.writing(self.workspace) as unit:
            for table, row in _records(self.workspace, members, name, item, now):
                unit.session.execute(insert(table), row)
            for member in members:
                key = f"slot:{member}:{name}"
                OutboxRows(unit).add(
                    member=member,
                    kind="opener",
                    dedupe_key=key,
                    content={"text": f"Seen it, {member}?", "about": "it"},
                    opener_id=f"op_{member}{name}",
                    **details,
                )
                put.append("dl_" + digest(self.workspace, key))
            unit.commit()
        self.expected += put
        return put

    def rows(self) -> dict[str, tables.Outbox]:
        with self.store.reading(self.workspace) as unit:
            return {row.id: row for row in unit.session.query(tables.Outbox).all()}

    def fault(self, method: str, kind: Any, **more: Any) -> None:
        self.emulator.faults.add(Fault(method, kind, **more))

    def quiet(self) -> None:
        """Wait until nothing that a dead process left on the wire is still to be committed."""
        before = -1
        while before != (before := len(self.emulator.journal)):
            time.sleep(0.03)

    def tally(self, faults: int) -> Tally:
        """Compare every row with what the conversation holds."""
        committed: dict[str, list[str]] = {}
        for entry in self.emulator.journal.entries("chat.postMessage"):
            delivery = str((entry.metadata or {}).get("event_payload", {}).get("delivery"))
            committed.setdefault(delivery, []).append(entry.ts)
        openers = self._openers()
        found: Counter[str] = Counter()
        rows = self.rows()
        for name in self.expected:
            row = rows.get(name)
            opener = openers.get(row.opener_id or "") if row is not None else None
            found[_judged(row, opener, committed.get(name, []))] += 1
        return Tally(faults, **found)

    def _openers(self) -> dict[str, tables.Opener]:
        with self.store.reading(self.workspace) as unit:
            return {opener.id: opener for opener in unit.session.query(tables.Opener).all()}


def _judged(row: tables.Outbox | None, opener: tables.Opener | None, committed: list[str]) -> str:
    """The count of `Tally` that a row belongs to."""
    if len(committed) > 1:
        return "doubled"
    if row is None or opener is None or row.state in ("queued", "sending"):
        return "lost"
    if row.state != opener.state:
        return "lost"
    if row.state == "unresolved":
        return "unresolved"
    if row.state == "sent":
        agrees = [row.message_ref] == committed == [opener.message_ref]
        return "once" if agrees else "lost"
    return "lost" if committed else "kept_back"


def _records(
    workspace: str, members: list[str], name: str, item: str, now: datetime
) -> list[tuple[type[tables.Table], list[dict[str, Any]]]]:
    """What a pass writes before the outbox: a run, decisions, openers."""
    run = f"run{name}{members[0]}"
    decisions = [
        {
            "id": f"de_{member}{name}", "workspace_id": workspace, "run_id": run,
            "member_id": member, "slot": f"day{name}", "at": now, "verdict": "speak",
            "reason": "worth_it", "rules": [], "item_id": item, "arm": "normal", "seed": 1,
            "policy_version": "p",
        }
        for member in members
    ]  # fmt: skip
    openers = [
        {
            "id": f"op_{member}{name}", "workspace_id": workspace,
            "decision_id": f"de_{member}{name}", "member_id": member, "item_id": item,
            "state": "queued", "text": f"Seen it, {member}?", "why": "", "style": "offer",
            "prompt": "template@1", "language_model": "template", "created_at": now,
        }
        for member in members
    ]  # fmt: skip
    runs = [{"id": run, "workspace_id": workspace, "kind": "plan", "now": now, "summary": {}}]
    return [(tables.Run, runs), (tables.Decision, decisions), (tables.Opener, openers)]


def populate(store: Store, workspace: str, members: list[str]) -> None:
    """Members who agreed to everything, reachable in Slack, and two items for them."""
    item = Item(
        id=ItemId("joins"),
        kind="lesson",
        title="Left joins keep what has no match",
        text="Rows without a match carry nulls on the right.",
        published=START.timestamp() - 86_400,
        audience=WHOLE_WORKSPACE,
    )
    inside = Audience("channels", frozenset({BOARD}))
    with store.writing(workspace) as unit:
        unit.session.add(tables.Workspace(id=workspace, name="Ours", created_at=START))
        unit.session.flush()
        Members(unit).save([Somebody(m, name=m.title()) for m in members], at=START)
        Members(unit).reachable_by("slack", [(m, m) for m in members])
        Channels(unit).save([Place(BOARD, "board", "private")])
        Channels(unit).add_members(BOARD, members)
        items = [item, replace(item, id=ItemId("inside"), audience=inside)]
        Items(unit).save(items, at=START, approved_by="curator")
        for member in members:
            Consents(unit).grant(member, NAMES, at=START, origin="welcome")
        unit.commit()


def settings_for(
    emulator: Emulator, folder: Path, url: str, policy: PolicySettings = ANY_HOUR
) -> Settings:
    slack = SlackSettings(
        bot_token=SecretStr(emulator.bot_token),
        app_token=SecretStr(emulator.app_token),
        api_url=emulator.api_url,
        call_deadline=DEADLINE,
        in_flight=IN_FLIGHT,
        person=None,
    )
    return Settings(
        database_url=url,
        home=folder / "var",
        workspace=emulator.workspace.id,
        slack=slack,
        policy=policy,
    )


@contextmanager
def staged(
    folder: Path,
    url: str,
    members: int,
    *,
    policy: PolicySettings = ANY_HOUR,
    steady: bool = False,
    runs: bool = False,
    **more: Any,
) -> Iterator[Scene]:
    """A scene with so many members, at `START`; `more` goes to the emulator.

    Slack's clock is the scene's own unless it is to be `steady`. The time stands still until it
    is moved, unless it `runs`.
    """
    names = [f"U{number:04d}" for number in range(members)]
    clock = (Running if runs else Timepiece).made(folder / "time", START)
    people = [Person(name, name.lower(), f"{name} Byron") for name in names]
    emulator = Emulator(
        EmulatedWorkspace(people=people), clock=START.timestamp if steady else clock.seconds, **more
    )
    with emulator:
        store = Store(connect(url))
        populate(store, emulator.workspace.id, names)
        settings = settings_for(emulator, folder, url, policy)
        try:
            yield Scene(folder, url, emulator, clock, settings, store, names)
        finally:
            store.close()
            clock.close()
