"""`overture bench replies`: many members reply within a minute; how soon each of them sees it.

The bot is `overture serve` in a process of its own, on SQLite, the model a server that streams
token by token in another; Slack is the emulator in this one. Every member was sent an opener and
asks one thing about it. Every fifth says another thing right after, and every fifth presses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.benching.delivery_servers import member
from bot.benching.delivery_world import ITEM, populate, queue
from bot.emulator import EmulatedWorkspace, Emulator, Person
from bot.emulator.journal import Entry
from bot.openers.brief import Composed
from bot.ports import Delivery, Progress, Receipt, Refused, silent
from bot.sending import SystemClock
from bot.settings import Settings, SlackSettings
from bot.slack.delivery import SlackChannel
from bot.store import tables
from bot.store.opening import open_store
from bot.store.schema import upgrade

WITHIN = 60.0
"""seconds in which all of them reply"""
EVERY = 5
"""each so manieth says a second thing, and another one presses"""
TOKEN_SECONDS = 0.02
STARTS_SECONDS, ENDS_SECONDS = 120.0, 120.0
OPENER = Composed("Seen how joins count?", "bench@1", "template", "offer")
THANKED = "Good to hear."


@dataclass
class Seen:
    """What the emulated Slack saw, and when, by this machine's one clock."""

    entries: list[tuple[float, Entry]] = field(default_factory=list)

    def watch(self, emulator: Emulator) -> None:
        note = emulator.journal.note

        def noted(entry: Entry) -> None:
            self.entries.append((time.monotonic(), entry))
            note(entry)

        emulator.journal.note = noted  # type: ignore[method-assign]

    def first(self, method: str, channel: str, after: float = 0.0) -> float | None:
        """When a channel first saw such a call."""
        times = (at for at, e in self.entries if (e.method, e.channel) == (method, channel))
        return next((at for at in times if at >= after), None)


@dataclass
class Bench:
    """One run: `sent` are the openers, by the number of their member."""

    emulator: Emulator
    seen: Seen
    sent: Sequence[Receipt]
    acknowledged: list[float] = field(default_factory=list)
    pressed: dict[int, float] = field(default_factory=dict)
    unheard: int = 0

    def reply(self, number: int, began: float) -> None:
        """One member's part, at its time of the minute."""
        time.sleep(max(0.0, began + number * WITHIN / len(self.sent) - time.monotonic()))
        place = self.sent[number]
        if number % EVERY == 1:
            self.pressed[number] = time.monotonic()
            self._timed(
                lambda: self.emulator.press(
                    member(number), place.address, place.message_ref, "not_for_me"
                )
            )
            return
        self._say(number, f"member {number} asks: what does count skip?")
        if number % EVERY == 0:
            self._say(number, "thanks")

    def _say(self, number: int, words: str) -> None:
        place = self.sent[number]
        self._timed(
            lambda: self.emulator.say(member(number), place.address, words, place.message_ref)
        )

    def _timed(self, act: Any) -> None:
        began = time.monotonic()
        try:
            act()
        except Exception:  # nobody acknowledged it in time
            self.unheard += 1
        self.acknowledged.append(time.monotonic() - began)

    def answers(self, number: int) -> list[str]:
        """What the bot said below a member's opener, in order."""
        place = self.sent[number]
        rows = self.emulator.messages(place.address, place.message_ref)[1:]
        closed = [row for row in rows if row.get("bot_id") and row.get("metadata")]
        return [str(row["blocks"][0]["text"]) for row in closed]

    def wanted(self, number: int) -> int:
        return 0 if number % EVERY == 1 else 2 if number % EVERY == 0 else 1

    def left(self) -> list[int]:
        """Members whose answers are not all there."""
        return [n for n in range(len(self.sent)) if len(self.answers(n)) < self.wanted(n)]

    def disordered(self) -> int:
        """Conversations in which thanks were answered before the question."""
        twice = [self.answers(n) for n in range(len(self.sent)) if self.wanted(n) == 2]
        return sum(said != [] and not said[-1].startswith(THANKED) for said in twice)


def run(members: int, progress: Progress = silent) -> dict[str, Any]:
    """The whole measurement, as the command prints it."""
    people = [Person(member(number), f"m{number}") for number in range(members)]
    emulator = Emulator(EmulatedWorkspace(people=people), clock=_now, rate_limits=False)
    with tempfile.TemporaryDirectory(prefix="overture-bench-") as folder, emulator:
        seen = Seen()
        seen.watch(emulator)
        url = f"sqlite:///{Path(folder) / 'overture.db'}"
        progress("Sending openers", 0, 3)
        sent = _openers(emulator, Path(folder), url, members)
        with _process("bot.benching.replies_servers", str(TOKEN_SECONDS)) as model:
            assert model.stdout is not None
            said = json.loads(model.stdout.readline())
            with _bot(emulator, folder, url, said["url"]) as log:
                progress("Replying", 1, 3)
                bench = Bench(emulator, seen, sent)
                seconds = _replied(bench, log)
            out, _ = model.communicate(timeout=30)
        progress("Replying", 3, 3)
        return {
            "members": members, "model_token_s": TOKEN_SECONDS, "cores": os.cpu_count(),
            **_figures(bench, json.loads(out)["first"]), "seconds": round(seconds, 1),
        }  # fmt: skip


def _replied(bench: Bench, log: Path) -> float:
    """Let all of them reply; seconds until the last answer was there."""
    began = time.monotonic() + 1.0
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda number: bench.reply(number, began), range(len(bench.sent))))
    while bench.left() and time.monotonic() < began + WITHIN + ENDS_SECONDS:
        time.sleep(0.5)
    if not bench.acknowledged:
        raise Refused(f"nobody replied; the bot said: {log.read_text()[-500:]}")
    return time.monotonic() - began


def _figures(bench: Bench, first: Mapping[str, float]) -> dict[str, Any]:
    shown, streamed = [], []
    for number, place in enumerate(bench.sent):
        if number in bench.pressed:
            began = bench.pressed[number]
            at = bench.seen.first("chat.update", place.address, began)
            shown += [] if at is None else [at - began]
        at = bench.seen.first("chat.appendStream", place.address)
        if at is not None and str(number) in first:
            streamed.append(at - first[str(number)])
    return {
        "events": len(bench.acknowledged),
        "unacknowledged": bench.unheard,
        "acknowledged_s": _spread(bench.acknowledged),
        "unanswered": len(bench.left()),
        "out_of_order": bench.disordered(),
        "presses": len(bench.pressed),
        "press_to_change_s": _spread(shown),
        "streamed": len(streamed),
        "first_words_after_model_s": _spread(streamed),
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, and the most."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    last = len(ordered) - 1
    return {name: round(ordered[round(share * last)], 3) for name, share in at.items()}


def _openers(emulator: Emulator, home: Path, url: str, members: int) -> list[Receipt]:
    """A database in which every member was sent an opener, which stands in the emulated Slack."""
    upgrade(url)
    workspace, now = emulator.workspace.id, SystemClock().now()
    store = open_store(Settings(database_url=url, home=home, workspace=workspace))
    populate(store, workspace, [member(number) for number in range(members)], now)
    slack = SlackSettings(bot_token=SecretStr(emulator.bot_token), api_url=emulator.api_url)
    channel, sent = SlackChannel(slack), []
    with store.writing(workspace) as unit:
        for number in range(members):
            name = member(number)
            queue(unit, name, OPENER, now)
            words = {"text": OPENER.text, "about": ITEM.title, "opener": f"op_{name}"}
            address = channel.address_of(name)
            receipt = channel.send(Delivery(f"dl_{name}", address, "opener", words))
            opener = unit.session.get_one(tables.Opener, f"op_{name}")
            opener.state, opener.sent_at = "sent", now
            opener.address, opener.message_ref = receipt.address, receipt.message_ref
            sent.append(receipt)
        for row in unit.session.query(tables.Outbox):
            row.state, row.sent_at = "sent", now
        unit.commit()
    store.close()
    return sent


@contextmanager
def _bot(emulator: Emulator, folder: str, url: str, model: str) -> Iterator[Path]:
    """`overture serve`, once it is connected and quiet; the path of its log."""
    given = {
        "DATABASE_URL": url, "HOME": folder, "SLACK__BOT_TOKEN": emulator.bot_token,
        "SLACK__APP_TOKEN": emulator.app_token, "SLACK__API_URL": emulator.api_url,
        "MODEL__BASE_URL": model, "MODEL__API_KEY": "none", "POLICY__DAILY_CAP": "0",
        "HEALTH_PORT": "0",
    }  # fmt: skip
    environment = {f"OVERTURE_{name}": value for name, value in given.items()}
    log = Path(folder) / "serve.log"
    with log.open("w") as written:
        command = ["env", *(f"{name}={value}" for name, value in environment.items())]
        code = "from bot.cli import main; main(['serve'])"
        process = subprocess.Popen(
            [*command, sys.executable, "-c", code], stdout=written, stderr=written, cwd=folder
        )
        try:
            until = time.monotonic() + STARTS_SECONDS
            while emulator.connections < 1:
                if process.poll() is not None or time.monotonic() > until:
                    raise Refused(f"the bot did not start: {log.read_text()[-500:]}")
                time.sleep(0.1)
            time.sleep(5.0)  # its first passes end
            yield log
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _now() -> float:
    return SystemClock().now().timestamp()
