"""What reaches the log: ids and places, never what somebody said and never a token."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.openers.brief import Brief
from bot.ports import Arrival, Refused
from bot.store.database import Store
from bot.telemetry import logs
from tests.bot.inbox_bench import START, arrival, box, noting
from tests.bot.inbox_bench import populate as workspace_of_inbox
from tests.bot.outbox_bench import WORKSPACE, outbox, put_opener, row_of
from tests.bot.outbox_scene import staged
from tests.bot.scene import NOW
from tests.bot.scene import Scene as Deciding

SAID = "my mother is ill"
TOKEN = "xoxb-1234-abcdEFGH"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A log of our own at DEBUG, libraries included; the former one comes back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    logs.set_up("DEBUG", stream=stream)
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def ours(lines: io.StringIO, logger: str) -> dict[str, Any]:
    """The one line of a logger of ours, which says what it says of itself."""
    (line,) = [one for one in told(lines) if one["logger"] == logger]
    assert line["timestamp"].endswith("Z")
    return line


def test_a_line_about_a_delivery_carries_its_ids(lines: io.StringIO, store: Store) -> None:
    with staged(store) as scene:
        put_opener(store, "a")
        scene.fault("drop_after_commit")
        assert outbox(store, scene.channel).work(scene.clock.now).waiting == 1
    line = ours(lines, "overture.outbox")
    assert (line["level"], line["workspace"]) == ("info", WORKSPACE)
    assert (line["delivery"], line["member"]) == (row_of(store, "a").id, "m-ada")
    logging.getLogger("overture.test").info("afterwards")
    assert "delivery" not in ours(lines, "overture.test")


def test_a_line_about_an_arrival_carries_its_ids_and_not_its_words(
    lines: io.StringIO, store: Store
) -> None:
    def fails(found: Arrival) -> None:
        raise ValueError(f"cannot read {SAID}")

    workspace_of_inbox(store)
    inbox = box(store, noting(think=fails))
    inbox.receive(arrival("a1", "D1"), START)
    assert SAID in inbox.work(START).errors[0]
    line = ours(lines, "overture.inbox")
    assert (line["arrival"], line["conversation"], line["error"]) == (1, "D1", "ValueError")
    assert SAID not in lines.getvalue()


def test_a_line_about_a_member_carries_their_id(lines: io.StringIO, populated: Deciding) -> None:
    class Breaks:
        def compose(self, brief: Brief) -> Any:
            raise RuntimeError(SAID)

    planner = populated.planner(composer=Breaks())
    assert planner.plan(["ana"], NOW, wait_for_moment=False).failed == 1
    line = ours(lines, "overture.planning")
    assert (line["member"], line["error"]) == ("ana", "RuntimeError")
    assert SAID not in lines.getvalue()


@pytest.mark.parametrize("library", ["slack_sdk.web.base_client", "openai._base_client", "httpx"])
def test_a_library_says_where_and_not_what(lines: io.StringIO, library: str) -> None:
    logging.getLogger(library).warning(f"sent {SAID} with {TOKEN}")
    (line,) = told(lines)
    assert SAID not in str(line)
    assert (line["logger"], line["event"]) == (library, logs.UNTOLD)
    assert "test_logs" in line["place"]


def test_a_library_that_nobody_speaks_through_is_heard_whole(lines: io.StringIO) -> None:
    logging.getLogger("apscheduler.scheduler").warning("run time of job was missed")
    assert told(lines)[0]["event"] == "run time of job was missed"


def test_an_exception_is_told_by_kind_and_place(lines: io.StringIO) -> None:
    def fails() -> None:
        raise ValueError(f"cannot parse {SAID}")

    try:
        fails()
    except ValueError:
        logging.getLogger("overture.schedule").exception("job %s failed", "plan")
    (line,) = told(lines)
    assert SAID not in str(line)
    assert (line["event"], line["error"]) == ("job plan failed", "ValueError")
    assert line["at"][-1].endswith("fails")


def test_an_error_of_ours_is_told_with_its_text(lines: io.StringIO) -> None:
    try:
        raise Refused("set OVERTURE_WORKSPACE")
    except Refused:
        logging.getLogger("overture.schedule").exception("no")
    assert told(lines)[0]["told"] == "set OVERTURE_WORKSPACE"


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "xapp-1-A1-22-ffeedd",
        "xoxe.xoxb-1-Mi0yLTE",
        "sk-proj-abcdefgh12345678",
        "Bearer abc.def.ghi",
        "postgresql://me:swordfish@db.example/overture",
    ],
)
def test_what_looks_like_a_secret_is_not_written(lines: io.StringIO, secret: str) -> None:
    logging.getLogger("overture.slack").warning("refused: %s", secret)
    assert secret not in lines.getvalue()
    assert "[secret]" in lines.getvalue()


def test_for_a_person_it_is_one_readable_line() -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    logs.set_up(as_json=False, stream=stream)
    logging.getLogger("overture.worker").warning("a pass failed with %s", TOKEN)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    assert stream.getvalue().count("\n") == 1
    assert "a pass failed with [secret]" in stream.getvalue()


def test_without_the_filters_the_words_would_be_there() -> None:
    """The negative control: plain logging writes all of it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("slack_sdk.web.base_client")
    logger.addHandler(handler)
    logger.warning(f"sent {SAID} with {TOKEN}")
    logger.removeHandler(handler)
    assert SAID in stream.getvalue()
    assert TOKEN in stream.getvalue()
