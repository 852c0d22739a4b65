"""What the bench of replies counts, on what a fake Slack held."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.benching.delivery_world import ITEM
from bot.benching.replies_bench import THANKED, Bench, Seen, _figures, _spread
from bot.benching.replies_servers import ANSWER, tokens
from bot.emulator import Emulator, Entry
from bot.openers.brief import About, Brief
from bot.openers.guards import ANSWER_GUARDS, OpenerFacts, check
from bot.ports import Receipt


def test_the_model_says_what_the_guards_let_pass() -> None:
    about = About(ITEM.kind, ITEM.title, ITEM.summary, ITEM.text)
    assert check(ANSWER, OpenerFacts.of(Brief("Ada", about, "")), ANSWER_GUARDS) == ()
    assert "".join(tokens()) == ANSWER


def test_seconds_are_told_by_their_worst() -> None:
    assert _spread([]) == {}
    told = _spread([number / 100 for number in range(101)])
    assert told == {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


class Threads:
    """Below each opener, what was said there."""

    def __init__(self, said: dict[str, list[str]]) -> None:
        self.said = said

    def messages(self, address: str, ref: str) -> list[dict[str, Any]]:
        rows = [{"blocks": [{"text": text}]} for text in self.said.get(address, [])]
        return [{}, *({**row, "bot_id": "B", "metadata": {"event_type": "x"}} for row in rows)]


@pytest.mark.parametrize(
    ("first", "disordered", "unanswered"),
    [([ANSWER, THANKED], 0, 0), ([THANKED, ANSWER], 1, 0), ([ANSWER], 1, 1), ([], 0, 1)],
)
def test_what_is_missing_or_out_of_order_is_counted(
    first: list[str], disordered: int, unanswered: int
) -> None:
    threads = Threads({"D0": first, "D2": [ANSWER]})
    sent = [Receipt(f"D{number}", "1.0") for number in range(3)]
    bench = Bench(cast(Emulator, threads), Seen(), sent)
    assert (bench.disordered(), len(bench.left())) == (disordered, unanswered)


def test_a_press_and_a_stream_are_timed_from_their_own_beginning() -> None:
    entries = [
        (4.0, Entry("1", "chat.update", "D1")),
        (5.2, Entry("1", "chat.update", "D1")),
        (7.5, Entry("2", "chat.appendStream", "D0")),
        (9.0, Entry("2", "chat.appendStream", "D0")),
    ]
    sent = [Receipt("D0", "1.0"), Receipt("D1", "1.0")]
    bench = Bench(cast(Emulator, Threads({})), Seen(entries), sent, [0.1], {1: 5.0})
    told = _figures(bench, {"0": 7.0})
    assert told["press_to_change_s"]["max"] == 0.2
    assert told["first_words_after_model_s"]["max"] == 0.5
