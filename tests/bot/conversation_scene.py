"""The real bot at an emulated Slack: members who agreed, items, openers that were really sent.

No recommender is involved: a test puts the decision and the opener where a pass would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import App, build
from bot.emulator import Emulator
from bot.joining import join
from bot.policy.purposes import NAMES
from bot.settings import LearningSettings, PolicySettings, Settings, SlackSettings
from bot.slack import manifest
from bot.slack.app import SlackApp
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.members import Members
from bot.store.outbox import OutboxRows
from bot.store.topics import Subject, Topics
from recsys.types import WHOLE_WORKSPACE, Item, ItemId
from tests.bot.slack.conftest import NOW, workspace
from tests.bot.slack.test_app import until

ADA, GRACE, GUEST, ROBOT = "U1ADA", "U2GRACE", "U3GUEST", "U4ROBOT"
GENERAL = "C1GENERAL"
START = datetime.fromtimestamp(NOW, UTC)
ANY_HOUR = PolicySettings(
    day_starts="00:00", day_ends="24:00", weekdays="0123456", cooldown_hours=0,
    daily_cap=99, weekly_cap=99, pilot_only=False,
)  # fmt: skip
ITEM = Item(
    id=ItemId("joins"),
    kind="lesson",
    title="Left joins keep what has no match",
    summary="A left join keeps every row of the left table.",
    text="Rows without a match carry nulls on the right. Count them with care: count skips nulls.",
    url="https://example.org/joins",
    source="pool",
    published=NOW - 86_400,
    audience=WHOLE_WORKSPACE,
)
WHY = "Because you asked about joins twice this week."


@dataclass
class Ticking:
    """The time that Slack and the bot share; a `bot.ports.Clock`."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def later(self, **more: float) -> datetime:
        self.moment += timedelta(**more)
        return self.moment


@dataclass
class Scene:
    """One workspace, one bot, one database."""

    app: App
    emulator: Emulator
    clock: Ticking
    slack: SlackApp

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A unit that is committed at its end."""
        with self.app.store.writing(self.app.workspace) as unit:
            yield unit
            unit.commit()

    def agree(self, member: str, *purposes: str) -> None:
        with self.writing() as unit:
            given = purposes or NAMES
            Consents(unit).grant(member, given, at=self.clock.now(), origin="test")

    def put_item(self, item: Item) -> None:
        """An approved item."""
        with self.writing() as unit:
            Items(unit).save([item], at=self.clock.now(), approved_by="curator")

    def speak(self, name: str = "one", member: str = ADA, item: Item = ITEM) -> tables.Opener:
        """An opener as a pass would have made it, delivered."""
        self.put_item(item)
        content = {"text": "Seen how joins count?", "about": item.title, "url": item.url}
        with self.writing() as unit:
            _add_opener(unit, name, member, item.id, self.clock.now())
            OutboxRows(unit).add(
                member=member,
                kind="opener",
                dedupe_key=f"slot:{member}:{name}",
                content={**content, "opener": f"op_{name}"},
                opener_id=f"op_{name}",
                expires_at=self.clock.now() + timedelta(hours=2),
                now=self.clock.now(),
            )
        self.drain()
        return self.opener(name)

    def opener(self, name: str = "one") -> tables.Opener:
        with self.app.store.reading(self.app.workspace) as unit:
            return unit.session.get_one(tables.Opener, f"op_{name}")

    def drain(self) -> None:
        """Work off what arrived and send all that follows from it."""
        worked = self.app.inbox.work(self.clock.now())
        assert worked.errors == []
        for _ in range(20):
            if not self.app.deliver(self.clock.later(seconds=2)).waiting:
                return
        raise AssertionError("something never leaves the outbox")

    def press(
        self, action: str, value: str | None = None, name: str = "one", ref: str | None = None
    ) -> None:
        """Press on the opener, or on the message `ref` beside it, and let the bot do its part."""
        opener = self.opener(name)
        assert opener.address is not None
        assert opener.message_ref is not None
        at = ref or opener.message_ref
        self.emulator.press(opener.member_id, opener.address, at, action, value)
        self.drain()

    def choose(self, entry: str, name: str = "one") -> None:
        """Choose an entry of the opener's menu."""
        self.press("menu", f"{entry}|op_{name}", name)

    def reply(self, text: str, name: str = "one") -> list[str]:
        """Answer in the opener's thread; what the bot says to that."""
        opener = self.opener(name)
        assert opener.address is not None
        before = len(self.thread(name))
        self.emulator.say(opener.member_id, opener.address, text, opener.message_ref)
        self.drain()
        return self.thread(name)[before:]

    def write(self, text: str, member: str = ADA, thread: str | None = None) -> tuple[str, str]:
        """(address, ts) of words written to the bot outside of any opener's thread."""
        address = self.emulator.open_dm(member)
        ts = self.emulator.say(member, address, text, thread)
        self.drain()
        return address, ts

    def thread(self, name: str = "one") -> list[str]:
        """What the bot said below the opener."""
        opener = self.opener(name)
        assert opener.address is not None
        return [said_in(m) for m in self.below(opener.address, str(opener.message_ref))]

    def below(self, address: str, ref: str) -> list[dict[str, Any]]:
        """The bot's messages in a thread."""
        rows = self.emulator.messages(address, ref)[1:]
        return [row for row in rows if row.get("bot_id")]

    def dm(self, member: str = ADA) -> list[dict[str, Any]]:
        """The bot's messages in a member's direct conversation, outside of threads."""
        rows = self.emulator.messages(self.emulator.open_dm(member))
        return [row for row in rows if row.get("bot_id")]

    def shown(self, name: str = "one") -> dict[str, Any]:
        """The opener as it stands in Slack now."""
        opener = self.opener(name)
        rows = self.emulator.messages(str(opener.address))
        return next(row for row in rows if row["ts"] == opener.message_ref)

    def outcomes(self, name: str = "one") -> list[tuple[str, str]]:
        """(kind, reason) of the outcomes that stand."""
        rows = self.rows(tables.Outcome)
        mine = [row for row in rows if row.opener_id == f"op_{name}" and row.undone_at is None]
        return [(row.kind, row.reason) for row in mine]

    def member(self, member: str = ADA) -> tables.Member:
        with self.app.store.reading(self.app.workspace) as unit:
            found = Members(unit).get(member)
        assert found is not None
        return found

    def granted(self, member: str = ADA) -> frozenset[str]:
        with self.app.store.reading(self.app.workspace) as unit:
            return Consents(unit).granted(member)

    def rows(self, table: Any) -> Sequence[Any]:
        with self.app.store.reading(self.app.workspace) as unit:
            return list(unit.session.query(table).all())


def said_in(message: dict[str, Any]) -> str:
    """The words of a bot's message, without the escapes of Markdown."""
    text = "\n".join(str(b.get("text", "")) for b in message["blocks"] if b["type"] == "markdown")
    return text.replace("\\[", "[").replace("\\]", "]")


def actions_of(message: dict[str, Any]) -> list[str]:
    """The action ids that a message offers, in order."""
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row["elements"]]


def notes_of(message: dict[str, Any]) -> str:
    """What stands in the small print of a message."""
    lines = [block for block in message["blocks"] if block["type"] == "context"]
    return " / ".join(e["text"] for line in lines for e in line["elements"])


@contextmanager
def staged(
    folder: Path, url: str, *, redeliver_after: float = 0.3, **changes: Any
) -> Iterator[Scene]:
    """The bot joined to the emulated workspace, listening; `changes` are slices of settings."""
    clock = Ticking()
    emulator = Emulator(
        workspace(),
        clock=lambda: clock.moment.timestamp(),
        manifest=manifest.load(),
        redeliver_after=redeliver_after,
    )
    with emulator:
        settings = settings_for(emulator, folder, url, **changes)
        join(settings, clock)
        app = build(settings, clock)
        slack = SlackApp(app.settings.slack, app.receive, app.shows, clock)
        slack.start()
        until(lambda: emulator.connections == 1)
        with app.store.writing(app.workspace) as unit:
            Topics(unit).save([Subject("sql", "SQL"), Subject("rust", "Rust")])
            unit.commit()
        try:
            yield Scene(app, emulator, clock, slack)
        finally:
            slack.stop()
            app.close()


def settings_for(emulator: Emulator, folder: Path, url: str, **changes: Any) -> Settings:
    slack = SlackSettings(
        bot_token=SecretStr(emulator.bot_token),
        app_token=SecretStr(emulator.app_token),
        api_url=emulator.api_url,
        call_deadline=5.0,
        person=changes.pop("person", None),
    )
    given = {"policy": ANY_HOUR, "learning": LearningSettings(), "slack": slack, **changes}
    return Settings(database_url=url, home=folder / "var", workspace=None, **given)


def _add_opener(unit: Unit, name: str, member: str, item: str, now: datetime) -> None:
    run = f"run_{name}"
    unit.session.add(
        tables.Run(id=run, workspace_id=unit.workspace, kind="plan", now=now, summary={})
    )
    unit.session.flush()
    unit.session.add(
        tables.Decision(
            id=f"de_{name}", workspace_id=unit.workspace, run_id=run, member_id=member, slot=name,
            at=now, verdict="speak", reason="worth_it", rules=[], item_id=item, arm="normal",
            seed=1, policy_version="p1",
        )
    )  # fmt: skip
    unit.session.flush()
    unit.session.add(
        tables.Opener(
            id=f"op_{name}", workspace_id=unit.workspace, decision_id=f"de_{name}",
            member_id=member, item_id=item, state="queued", text="Seen how joins count?", why=WHY,
            style="offer", prompt="template@1", language_model="template", created_at=now,
        )
    )  # fmt: skip
    unit.session.flush()
