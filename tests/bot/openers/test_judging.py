"""What is counted of openers, and that it is counted by other eyes than those of the guards."""

from __future__ import annotations

import pytest

from bot.openers import compose as composing
from bot.openers.bundled import library, templates
from bot.openers.compose import Composer
from bot.openers.judging import NEARBY, foreign_facts, judge_openers, near_duplicates
from tests.bot.openers.golden import BRIEF
from tests.bot.openers.scripted import ScriptedModel

SOURCE = "Mara Lindt measured 40 queries in June. Writes became twelve per cent slower."
INVENTED = (
    "Here is something on indexes that Peter measured in March with 99 queries, and it took half "
    "the time. I can tell you more about it if you like."
)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Mara Lindt's writes became 12 per cent slower in June.", ()),
        ("Forty queries were measured.", ()),
        ("Peter measured it.", ()),  # a beginning may have its capital for no other reason
        ("It was measured by Peter.", ("Peter",)),
        ("It took 41 queries, on a monday, at https://x.org/y.", ("https://x.org/y.",)),
        ("It was twice as fast, by seventy queries.", ("twice", "seventy")),
        ("I think it is as I'd say.", ()),
    ],
)
def test_facts_that_are_not_in_the_source(text: str, foreign: tuple[str, ...]) -> None:
    found = foreign_facts(text, SOURCE)
    assert set(foreign) <= set(found)
    assert bool(found) == bool(foreign)


def test_nearly_the_same_is_counted_among_neighbours_alone() -> None:
    one = "Hello Ana. Here is a short read about indexes, if you like."
    other = "Hello Ana. Here is a short read about vectors, if you like."
    far = [f"{at} quite another sentence number {at} with {at} words {at}" for at in range(NEARBY)]
    assert near_duplicates([one, other]) == 1
    assert near_duplicates([one, *far, other]) == 0
    assert near_duplicates([one, "Something else entirely, Bo."]) == 0


def test_what_the_guards_refuse_falls_back_and_is_no_falsehood() -> None:
    model = ScriptedModel([{"text": INVENTED}] * 4)
    told = judge_openers(Composer(library(), templates(), model, 1.0), [BRIEF] * 2, 2).figures()
    assert (told["n"], told["fallback"], told["ungrounded"]) == (2, 2, 0)
    assert told["tokens"] == 4 * 15


def test_without_the_guards_the_falsehood_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "check", lambda *_: ())
    model = ScriptedModel([{"text": INVENTED}])
    judged = judge_openers(Composer(library(), templates(), model, 1.0), [BRIEF], 1)
    assert judged.figures()["ungrounded"] == 1
    assert {"Peter", "March", "99", "half"} <= set(judged.foreign[0][1])


def test_what_is_withheld_is_counted() -> None:
    model = ScriptedModel([{"withhold": True}])
    told = judge_openers(Composer(library(), templates(), model, 1.0), [BRIEF], 1).figures()
    assert (told["n"], told["withheld"], told["words"]["max"]) == (1, 1, 0)
