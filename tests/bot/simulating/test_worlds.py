"""A world in its own process: what it tells to whom, and files that hold none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.ports import BadInput, Refused
from bot.simulating.comparing import STYLES
from bot.simulating.rivals import HOURS
from bot.simulating.world_process import Made, WorldProcess
from recsys.setting import MONDAY
from recsys.simulation import moment
from recsys.types import OutcomeKind
from recsys.world import DefaultWorld

MADE = Made(None, 3, 4, 5, MONDAY, STYLES)

WHOLE = """
from datetime import date
import os
import numpy as np
from recsys.simulation import Offer, Portrait, Reaction, Said, moment
from recsys.types import OutcomeKind


class Small:
    def __init__(self, members):
        self.size = members

    def members(self, day):
        return [Portrait(f"p{n}", "Asia/Tokyo") for n in range(self.size)]

    def items(self, day):
        return [Offer(f"i{n}", np.eye(4)[n % 4], date(2026, 1, 1)) for n in range(40)]

    def signals(self, day):
        return [Said("p0", moment(day, 10.0, "Asia/Tokyo"), 1)]

    def react(self, member, item, style, at):
        return Reaction(OutcomeKind.REPLIED, 5.0)
"""


@pytest.fixture
def world() -> Iterator[WorldProcess]:
    with WorldProcess(MADE) as process:
        yield process


@pytest.fixture
def seer() -> Iterator[WorldProcess]:
    with WorldProcess(MADE, oracle=True) as process:
        yield process


def written(folder: Path, text: str) -> Made:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    return Made(str(file), 3, 4, 5, MONDAY, STYLES)


def test_it_tells_the_same_as_the_world_that_it_holds(world: WorldProcess) -> None:
    same = DefaultWorld.drawn(3, 240, 5, days=4, styles=STYLES)
    assert world.members(MONDAY) == same.members(MONDAY)
    assert world.signals(MONDAY) == same.signals(MONDAY)
    offers = world.items(MONDAY)
    assert [offer.id for offer in offers] == [offer.id for offer in same.items(MONDAY)]
    member, at = world.members(MONDAY)[0].id, moment(MONDAY, 10.0, "UTC")
    asked = (member, offers[0].id, STYLES[0], at)
    assert world.react(*asked) == same.react(*asked)


def test_it_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    told = WHOLE.replace('f"p{n}"', "str(os.getpid())")
    with WorldProcess(written(tmp_path, told)) as process:
        assert {one.id for one in process.members(MONDAY)} != {str(os.getpid())}


def test_only_the_oracle_may_ask_for_a_chance(world: WorldProcess, seer: WorldProcess) -> None:
    member = world.members(MONDAY)[0].id
    items = [offer.id for offer in world.items(MONDAY)][:2]
    moments = [moment(MONDAY, hour, "UTC") for hour in HOURS]
    with pytest.raises(Refused, match="to the oracle, and to nobody else"):
        world.chances(member, items, STYLES, moments)
    assert seer.chances(member, items, STYLES, moments).shape == (2, 4, len(HOURS), 3)
    seer._key = "guessed"
    with pytest.raises(Refused, match="to the oracle, and to nobody else"):
        seer.chances(member, items, STYLES, moments)


@pytest.mark.parametrize("hidden", ["chance", "setting", "copy", "_habits", "__dict__"])
def test_nothing_but_the_protocol_can_be_asked_for(seer: WorldProcess, hidden: str) -> None:
    with pytest.raises(Refused, match=hidden):
        seer._ask(hidden)


def test_the_chances_are_those_of_the_world() -> None:
    world = DefaultWorld.drawn(4, 30, 7, styles=STYLES)
    member, at = world.members(MONDAY)[1].id, moment(MONDAY, 10.5, "UTC")
    items = [offer.id for offer in world.items(MONDAY)]
    world.react(member, items[0], STYLES[0], at - 3600)  # tires them
    told = world.chances(member, items[1:9], STYLES, [at, at + 3600])
    for row, item in enumerate(items[1:9]):
        for column, style in enumerate(STYLES):
            assert told[row, column, 0, 0] == pytest.approx(world.chance(member, item, style, at))
    assert np.all(told.sum(axis=-1) <= 1 + 1e-12)


def test_a_file_may_bring_a_world_without_chances(tmp_path: Path) -> None:
    with WorldProcess(written(tmp_path, WHOLE), oracle=True) as process:
        assert not process.foretells
        reaction = process.react(process.members(MONDAY)[0].id, "i1", "offer", 0.0)  # type: ignore[arg-type]
        assert reaction.kind is OutcomeKind.REPLIED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            WHOLE.replace("def react(", "def answer("),
            r"react\(member, item, style, at\) is missing",
        ),
        (WHOLE.replace("def signals(self, day)", "def signals(self)"), r"cannot be called as"),
        (WHOLE.replace("(self, members)", "(self, people)"), "asks to be made with people"),
        (WHOLE.replace("self.size = members", "raise KeyError('x')"), "cannot be made: KeyError"),
        ("class Nothing:\n    pass\n", "no class with the methods"),
        ("def broken(:\n", "cannot be loaded: SyntaxError"),
        (WHOLE + "\nclass Other(Small):\n    pass\n", "say which one with WORLD"),
    ],
)
def test_a_file_that_holds_no_world_is_refused_with_its_mend(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        WorldProcess(written(tmp_path, text)).close()


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(BadInput, match="no such file"):
        WorldProcess(Made("nowhere.py", 1, 1, 1, MONDAY, STYLES)).close()


def test_a_world_of_other_shapes_can_be_lived_in_and_foretold() -> None:
    file = Path(__file__).with_name("another_world.py")
    with WorldProcess(Made(str(file), 4, 3, 5, MONDAY, STYLES), oracle=True) as process:
        assert process.foretells
        members, offers = process.members(MONDAY), process.items(MONDAY)
        assert {one.zone for one in members} == {"UTC", "Asia/Tokyo"}
        assert {offer.mixture.size for offer in offers} == {9}
        assert process.signals(MONDAY)
        at = [moment(MONDAY, hour, members[0].zone) for hour in (9.0, 14.0)]
        told = process.chances(members[0].id, [one.id for one in offers], STYLES, at)
        assert np.all((told >= 0) & (told.sum(axis=-1, keepdims=True) <= 1 + 1e-12))
        assert len({float(chance) for chance in told[..., 0].ravel()}) > 4
        asked = (members[0].id, offers[0].id, STYLES[0], at[0])
        assert process.react(*asked).kind in OutcomeKind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE.replace("OutcomeKind.REPLIED", "OutcomeKind.SAVED"), "nobody reacts with SAVED"),
        (WHOLE.replace("return Reaction", "os._exit(3)  #"), "its process ended"),
        (WHOLE.replace("return Reaction", "return 1 / 0  #"), r"react\(\) went wrong: ZeroDiv"),
    ],
)
def test_what_goes_wrong_in_a_world_says_where(tmp_path: Path, text: str, told: str) -> None:
    with WorldProcess(written(tmp_path, text)) as process, pytest.raises(BadInput, match=told):
        process.react(process.members(MONDAY)[0].id, "i1", "offer", 0.0)  # type: ignore[arg-type]
