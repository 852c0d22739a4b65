"""What the model costs: priced, kept by day and workspace, and ended at a ceiling."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from bot.llm.openai_model import OpenAIModel
from bot.llm.paying import PaidModel
from bot.openers.brief import Composed
from bot.openers.bundled import library, templates
from bot.openers.compose import Composer
from bot.ports import ModelError, Prompt, Usage
from bot.settings import ModelSettings
from bot.store import tables
from bot.store.database import Store
from bot.store.spending import Spendings
from tests.bot.llm.failures import FAILURES
from tests.bot.llm.server import serving
from tests.bot.openers.golden import BRIEF
from tests.bot.openers.scripted import ScriptedModel
from tests.bot.openers.test_compose import GOOD

NOW = datetime(2026, 9, 7, 23, 59, tzinfo=UTC)
PROMPT = Prompt("opener/offer@1+0", ({"role": "user", "content": "Say hello."},), max_tokens=20)
PRICES: dict[str, Any] = {"prompt_price": 2.0, "completion_price": 10.0}


class Reply(BaseModel):
    text: str = ""


class At:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def paying(store: Store) -> Store:
    with store.writing("W1") as unit:
        for name in ("W1", "W2"):
            unit.session.add(tables.Workspace(id=name, name=name, created_at=NOW))
        unit.commit()
    return store


def paid(store: Store, workspace: str = "W1", **more: Any) -> tuple[PaidModel, ScriptedModel, At]:
    scripted, clock = ScriptedModel([{"text": GOOD}] * 99), At()
    keeps = more.pop("keeps", True)
    settings = ModelSettings(**{**PRICES, **more})
    return PaidModel(scripted, settings, store, workspace, clock, keeps), scripted, clock


def kept(store: Store, workspace: str = "W1") -> list[tuple[Any, ...]]:
    with store.reading(workspace) as unit:
        rows = Spendings(unit).since("2026-01-01")
        return [(r.day, r.purpose, r.calls, r.prompt_tokens, r.micros) for r in rows]


def test_calls_are_priced_and_added_up_by_day_purpose_and_workspace(paying: Store) -> None:
    model, _, clock = paid(paying)
    _, usage = model.complete(PROMPT, Reply, deadline=1)
    assert usage == Usage(10, 5, micros=10 * 2 + 5 * 10)
    model.complete(PROMPT, Reply, deadline=1)
    model.complete(Prompt("responses/answer@1+0", PROMPT.messages), Reply, deadline=1)
    clock.moment += timedelta(minutes=2)
    model.complete(PROMPT, Reply, deadline=1)
    assert kept(paying) == [
        ("2026-09-07", "opener", 2, 20, 140),
        ("2026-09-07", "responses", 1, 10, 70),
        ("2026-09-08", "opener", 1, 10, 70),
    ]
    assert kept(paying, "W2") == []


def test_no_call_of_several_at_once_is_lost(paying: Store) -> None:
    model, _, _ = paid(paying)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: model.complete(PROMPT, Reply, deadline=1), range(12)))
    assert kept(paying) == [("2026-09-07", "opener", 12, 120, 840)]


@pytest.mark.parametrize("ceiling", [{"daily_tokens": 80}, {"daily_cost": 0.000485}])
@pytest.mark.parametrize("keeps", [True, False])
def test_at_the_ceiling_nothing_is_called_until_the_next_day(
    paying: Store, ceiling: dict[str, Any], keeps: bool
) -> None:
    model, scripted, clock = paid(paying, keeps=keeps, **ceiling)
    for _ in range(4):
        model.complete(PROMPT, Reply, deadline=1)
    before = len(scripted.prompts)
    with pytest.raises(ModelError, match=r"model\.daily_tokens") as caught:
        model.complete(PROMPT, Reply, deadline=1)
    assert caught.value.reason == "ceiling"
    assert len(scripted.prompts) == before
    assert bool(kept(paying)) is keeps
    if keeps:
        clock.moment += timedelta(minutes=2)
        model.complete(PROMPT, Reply, deadline=1)
        paid(paying, "W2", **ceiling)[0].complete(PROMPT, Reply, deadline=1)


def test_without_a_ceiling_it_goes_on(paying: Store) -> None:
    """The negative control of the test above."""
    model, scripted, _ = paid(paying)
    for _ in range(20):
        model.complete(PROMPT, Reply, deadline=1)
    assert len(scripted.prompts) == 20


def test_beyond_the_ceiling_templates_open(paying: Store) -> None:
    model, scripted, _ = paid(paying, daily_tokens=0)
    made = Composer(library(), templates(), model, 1).compose(BRIEF)
    assert isinstance(made, Composed)
    assert (made.language_model, made.fallback, made.usage) == ("template", "ceiling", Usage())
    assert scripted.prompts == []


def test_what_an_unusable_answer_took_is_kept_too(paying: Store) -> None:
    spent = Usage()
    for name in ("prose", "wrong schema", "refusal", "too long", "no choices"):
        with serving(FAILURES[name]) as server:
            settings = ModelSettings(**PRICES)
            model = PaidModel(OpenAIModel(server.settings()), settings, paying, "W1", At())
            with pytest.raises(ModelError) as caught:
                model.complete(PROMPT, Reply, deadline=5)
        assert caught.value.usage.tokens > 0, name
        spent += caught.value.usage
    assert [row[2:] for row in kept(paying)] == [(5, spent.prompt_tokens, spent.micros)]


def test_what_a_server_turned_down_costs_nothing() -> None:
    for name in ("too many requests", "unauthorised", "redirect"):
        with serving(FAILURES[name]) as server:
            model = OpenAIModel(server.settings())
            with pytest.raises(ModelError) as caught:
                model.complete(PROMPT, Reply, deadline=5)
        assert caught.value.usage == Usage(), name


def test_a_call_that_never_ended_is_estimated() -> None:
    with serving(FAILURES["silent"]) as server:
        model = OpenAIModel(server.settings())
        with pytest.raises(ModelError) as caught:
            model.complete(PROMPT, Reply, deadline=0.2)
    assert caught.value.usage.estimated
    assert caught.value.usage.prompt_tokens > 0
