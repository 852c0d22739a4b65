"""The night and the morning in words: plain ones, that agree with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.demo import telling
from bot.learning.night import Trained
from recsys.types import OutcomeKind


def trained(version: str | None = "m0002", **changes: Any) -> Trained:
    """What a night came to, as far as it is told."""
    gain = {"value": 0.01, "low": changes.pop("low", -0.01), "high": 0.02}
    plain = {"promoted": True, "reason": "too few lessons", "metrics": {"gain": gain}}
    plain["metrics"] = {"judged_lessons": 205, "gain": gain}
    served = changes.pop("served_before", "m0001")
    result = SimpleNamespace(**{**plain, **changes})
    return cast(Trained, SimpleNamespace(version=version, served_before=served, result=result))


def test_every_outcome_has_words() -> None:
    assert set(telling.OUTCOMES) == {kind.name.lower() for kind in OutcomeKind}


def test_yesterday_tells_each_kind_in_order_and_none_that_was_not() -> None:
    fates = {"ignored": 4, "followed_up": 2, "replied": 1, "dismissed": 0}
    told = telling.yesterday({"openers": 7, "outcomes": fates})
    assert told == (
        "Yesterday 7 members were written to: 2 asked for more, 1 answered, 4 did not answer."
    )
    one = telling.yesterday({"openers": 1, "outcomes": {"replied": 1}})
    assert one == "Yesterday 1 member was written to: 1 answered."
    assert telling.yesterday({"openers": 0, "outcomes": {}}) == "Yesterday nobody was written to."


@pytest.mark.parametrize(("count", "words"), [(0, "no opener"), (1, "1 opener"), (5, "5 openers")])
def test_the_night_tells_how_many_closed(count: int, words: str) -> None:
    assert words in telling.closed(count)


VERDICTS: Mapping[str, tuple[Trained, str]] = {
    "as good": (trained(), "serves from now on: judged on 205 later openers, it foretells answers"
                " about as well as m0001 before it."),
    "better": (trained(low=0.001), "better than m0001 before it."),
    "first": (trained(served_before="prior"), "the rule of thumb it began with."),
    "refused": (trained(promoted=False), "was made and not taken"),
    "none": (trained(None), "No new model was made: too few lessons."),
}  # fmt: skip


@pytest.mark.parametrize("what", VERDICTS)
def test_the_verdict_is_said_without_figures_of_merit(what: str) -> None:
    night, words = VERDICTS[what]
    told = telling.verdict(night)
    assert words in told
    assert "log_loss" not in told
    assert "0.0" not in told


def test_the_morning_says_why_the_others_are_left_in_peace() -> None:
    silences = {"weekly_cap": 2, "below_threshold": 5, "no_consent": 2}
    written, others = telling.morning({"openers": 3, "silences": silences})
    assert written == "This morning 3 members are written to."
    assert others == (
        "9 are left in peace: nothing likely enough to be welcome (5);"
        " has not agreed (2); has heard enough this week (2)."
    )
    assert telling.morning({"openers": 1, "silences": {}}) == [
        "This morning 1 member is written to."
    ]
