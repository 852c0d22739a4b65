"""Rows and an emulator for the outbox's tests; also run as a process that is to be killed.

    python -m tests.bot.outbox_bench DATABASE API_URL BOT_TOKEN WHERE AT

works one pass at the epoch second AT and kills itself (SIGKILL) WHERE: before_call, after_call
or never; with `asleep` it stops itself (SIGSTOP) before the call, to go on when it is woken.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.outbox import Outbox, Recheck
from bot.ports import Channel, Delivery, Page, Receipt
from bot.settings import SlackSettings
from bot.slack.delivery import SlackChannel
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.outbox import OutboxRows
from bot.store.owners import be_owner

WORKSPACE = "W1"
START = datetime.fromtimestamp(1_760_000_000, UTC)
WINDOW = timedelta(hours=12)
DEADLINE = 1.0


@dataclass
class Wrapped:
    """A channel that others change in one place; the rest is the real one."""

    inner: Channel

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def call_deadline(self) -> float:
        return self.inner.call_deadline

    def address_of(self, external_id: str) -> str:
        return self.inner.address_of(external_id)

    def send(self, delivery: Delivery) -> Receipt:
        return self.inner.send(delivery)

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        return self.inner.read(address, since, thread, further)

    def show_outcome(
        self, receipt: Receipt, content: Mapping[str, Any], note: str, undo: bool
    ) -> None:
        self.inner.show_outcome(receipt, content, note, undo)

    def show_home(self, external_id: str, home: Mapping[str, Any]) -> None:
        self.inner.show_home(external_id, home)

    def suggest(self, address: str, thread: str | None, prompts: Sequence[tuple[str, str]]) -> None:
        self.inner.suggest(address, thread, prompts)

    def hand_over(self, address: str, name: str, data: bytes, words: str) -> None:
        self.inner.hand_over(address, name, data, words)


class Blind(Wrapped):
    """Reconciliation switched off: what was sent is never found."""

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        return Page({})


@dataclass
class Deadly(Wrapped):
    """Ends its process around the call, as kill -9 would."""

    where: str = "never"

    def send(self, delivery: Delivery) -> Receipt:
        if self.where == "before_call":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.where == "asleep":
            os.kill(os.getpid(), signal.SIGSTOP)
        receipt = self.inner.send(delivery)
        if self.where == "after_call":
            os.kill(os.getpid(), signal.SIGKILL)
        return receipt


def slack(api_url: str, token: str, deadline: float = DEADLINE) -> SlackChannel:
    settings = SlackSettings(
        bot_token=SecretStr(token),
        app_token=None,
        api_url=api_url,
        call_deadline=deadline,
        person=None,
    )
    return SlackChannel(settings)


def allowed(row: object, now: datetime) -> None:
    """A policy that lets everything leave."""


def outbox(
    store: Store, channel: Channel, owner: str = "one", recheck: Recheck = allowed, **more: Any
) -> Outbox:
    return Outbox(
        store,
        WORKSPACE,
        channel,
        recheck=recheck,
        closes_at=lambda at: at + WINDOW,
        owner=owner,
        **more,
    )


def populate(store: Store) -> None:
    """A workspace with two members that Slack knows."""
    with store.writing(WORKSPACE) as unit:
        unit.session.add(tables.Workspace(id=WORKSPACE, name="Ours", created_at=START))
        unit.session.flush()
        for member, external in (("m-ada", "U1ADA"), ("m-grace", "U2GRACE")):
            unit.session.add(tables.Member(workspace_id=WORKSPACE, id=member, name=member))
            unit.session.flush()
            unit.session.add(
                tables.Identity(
                    workspace_id=WORKSPACE, channel="slack", external_id=external, member_id=member
                )
            )
        unit.session.add(
            tables.Run(id="run", workspace_id=WORKSPACE, kind="pass", now=START, summary={})
        )
        unit.commit()


def put_opener(store: Store, name: str, member: str = "m-ada", **more: Any) -> bool:
    """A decision, its opener and its outbox row, in one transaction."""
    with store.writing(WORKSPACE) as unit:
        if unit.session.get(tables.Opener, f"op_{name}") is None:
            _add_opener(unit.session, name, member)
        details = {"now": START, "expires_at": START + timedelta(hours=2), **more}
        added = OutboxRows(unit).add(
            member=member,
            kind="opener",
            dedupe_key=f"slot:{member}:{name}",
            content={"text": f"About {name}?", "about": name, "opener": f"op_{name}"},
            opener_id=f"op_{name}",
            **details,
        )
        unit.commit()
        return added


def _add_opener(session: Any, name: str, member: str) -> None:
    session.add(
        tables.Decision(
            id=f"de_{name}",
            workspace_id=WORKSPACE,
            run_id="run",
            member_id=member,
            slot=name,
            at=START,
            verdict="speak",
            reason="worth_it",
            rules=[],
            arm="normal",
            seed=1,
            policy_version="1",
        )
    )
    session.flush()
    session.add(
        tables.Opener(
            id=f"op_{name}",
            workspace_id=WORKSPACE,
            decision_id=f"de_{name}",
            member_id=member,
            item_id="item",
            state="queued",
            text=f"About {name}?",
            why="",
            style="plain",
            prompt="template@1",
            language_model="template",
            created_at=START,
        )
    )
    session.flush()


def row_of(store: Store, name: str, member: str = "m-ada") -> tables.Outbox:
    with store.reading(WORKSPACE) as unit:
        key = f"slot:{member}:{name}"
        return unit.session.query(tables.Outbox).filter_by(dedupe_key=key).one()


def opener_of(store: Store, name: str) -> tables.Opener:
    with store.reading(WORKSPACE) as unit:
        return unit.session.get_one(tables.Opener, f"op_{name}")


def main() -> None:
    database, api_url, token, where, at = sys.argv[1:]
    now = datetime.fromtimestamp(float(at), UTC)
    store = Store(connect(database))
    owner = be_owner(store.engine, f"process {os.getpid()}")
    outbox(store, Deadly(slack(api_url, token), where), owner=owner.name).work(now)
    owner.close()
    store.close()


if __name__ == "__main__":
    main()
