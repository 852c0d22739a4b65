"""How an item would open and for how many: the real rules and composer, nobody named or counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.curating.counting import people
from bot.curating.figures import figures
from bot.curating.foresight import WITHHELD, Foresight, styles_for
from bot.deciding.briefing import Briefing
from bot.settings import OpenerSettings
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.items import Items
from bot.store.topics import Topics
from recsys.types import Audience, OutcomeKind
from tests.bot.scene import (
    NOW,
    WORKSPACE,
    Scene,
    Withholds,
    composer,
    item,
    items,
    policy,
    populate,
    shown,
)  # fmt: skip

MEMBERS = tuple(f"m{number}" for number in range(8))


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    pool = [*items(4), item("board", audience=Audience("channels", frozenset({"G1"})))]
    populate(store, members=MEMBERS, pool=pool)
    return Scene(store, tmp_path, policy())


def foresight(scene: Scene, threshold: float = 0.05) -> Foresight:
    briefing = Briefing(scene.store, WORKSPACE, OpenerSettings())
    return Foresight(
        scene.store, WORKSPACE, scene.recommender, scene.facts, briefing, composer(),
        policy(threshold=threshold),
    )  # fmt: skip


def test_it_counts_who_may_hear_of_it_and_whom_it_would_interest(scene: Scene) -> None:
    reach = foresight(scene).reach("python-0", NOW)
    assert (reach.of, reach.visible, reach.interested) == ("8", "8", "8")
    assert foresight(scene, threshold=1.0).reach("python-0", NOW).interested == "nobody"


def test_what_waits_is_counted_as_if_it_were_approved(scene: Scene) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        row = Items(unit).get("python-0")
        assert row is not None
        row.approved_at, row.changed_at = None, NOW
        unit.commit()
    assert foresight(scene).reach("python-0", NOW).visible == "8"


def test_the_rules_of_items_hold_in_it(scene: Scene) -> None:
    assert foresight(scene).reach("board", NOW).visible == "nobody"
    with scene.store.writing(WORKSPACE) as unit:
        for member in MEMBERS[:3]:
            Topics(unit).choose(member, "python", "mute", at=NOW)
        unit.commit()
    assert foresight(scene).reach("python-0", NOW).visible == "5"


def test_fewer_than_five_are_not_counted_out(scene: Scene) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        for member in MEMBERS[:4]:
            Consents(unit).withdraw(member, at=NOW)
        unit.commit()
    reach = foresight(scene).reach("python-0", NOW)
    assert (reach.of, reach.visible) == ("a few", "a few")
    assert [people(n) for n in (0, 1, 4, 5, 1200)] == ["nobody", "a few", "a few", "5", "1,200"]


def test_an_opener_is_composed_in_the_style_that_is_asked_for_and_nothing_is_written(
    scene: Scene,
) -> None:
    looking = foresight(scene)
    before = scene.everything()
    with scene.store.reading(WORKSPACE) as unit:
        row = Items(unit).get("python-0")
        assert row is not None
        told = {style: looking.opener(row, style, "Ana") for style, _ in styles_for(row.kind)}
        silent = replace(looking, composer=Withholds())
        assert silent.opener(row, "offer", "Ana") == (WITHHELD["composer_abstained"], "")
    looking.reach("python-0", NOW)
    assert scene.everything() == before
    assert len({text for text, _ in told.values()}) > 1
    assert all("decoder" in text for text, _ in told.values())
    assert {style for style, (_, said) in told.items() if said == style} >= {"offer", "question"}


def test_the_figures_of_an_item_say_what_became_of_it(scene: Scene) -> None:
    from bot.store.outcomes import Outcomes

    with scene.store.reading(WORKSPACE) as unit:
        assert figures(unit, "python-0").sentence() == "Shown to nobody yet."
    for number, member in enumerate(MEMBERS):
        opener = shown(scene.store, f"n{number}", member)
        kind = OutcomeKind.REPLIED if number < 2 else OutcomeKind.DISMISSED
        reason = "topic" if number < 7 else "timing"
        with scene.store.writing(WORKSPACE) as unit:
            Outcomes(unit).record(unit.session.merge(opener), kind, NOW, reason=reason)
            unit.commit()
    with scene.store.reading(WORKSPACE) as unit:
        assert figures(unit, "python-0").sentence() == (
            "Shown to 8. Taken up by a few. Turned down by 6"
            " (not their topic: 5; the wrong moment: a few)."
        )


def test_a_member_of_many_is_drawn_and_the_numbers_are_about_all(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.curating import foresight as module

    monkeypatch.setattr(module, "MOST", 4)
    assert foresight(scene).reach("python-0", NOW).visible == "about 8"


def test_its_own_author_does_not_count(scene: Scene) -> None:
    from recsys.types import MemberId

    with scene.store.writing(WORKSPACE) as unit:
        Items(unit).save([replace(item("python-0"), author=MemberId("m0"))], at=NOW)
        unit.commit()
    assert foresight(scene).reach("python-0", NOW).visible == "7"
