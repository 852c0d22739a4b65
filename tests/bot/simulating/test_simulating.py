"""`overture simulate` on a tiny world: the same seed the same figures, and the rules kept."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main, plots
from bot.simulating.comparing import Course, Simulation
from bot.simulating.living import live
from bot.simulating.rivals import at_random, by_similarity, compete, oracle, top_half
from recsys.setting import MONDAY
from recsys.simulation import DayTally, Reaction, is_working_day
from recsys.types import ItemId, MemberId
from recsys.world import DefaultWorld
from tests.bot.simulating.test_worlds import WHOLE

DAYS = [MONDAY + timedelta(days=number) for number in range(4)]
STYLES = ("offer", "question")
TINY = ("simulate", "--members", "3", "--jobs", "1")


class Watched(DefaultWorld):
    """Keeps who was sent what and when."""

    asked: list[tuple[MemberId, ItemId, datetime]]

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        self.asked.append((member, item, datetime.fromtimestamp(at, UTC)))
        return super().react(member, item, style, at)


def watched(members: int = 10, seed: int = 3) -> Watched:
    world = Watched.drawn(members, 60, seed, days=4, styles=STYLES)
    assert isinstance(world, Watched)
    world.asked = []
    return world


def keeps_the_rules(world: Watched) -> None:
    assert world.asked
    assert len({(member, item) for member, item, _ in world.asked}) == len(world.asked)
    assert len({(member, at.date()) for member, _, at in world.asked}) == len(world.asked)
    assert all(9 <= at.hour < 17 and is_working_day(at.date()) for _, _, at in world.asked)


def test_the_product_keeps_to_the_rules_and_leaves_who_shows_focus_alone(tmp_path: Path) -> None:
    world = watched()
    lived = live(world, DAYS, tmp_path, 3)
    keeps_the_rules(world)
    assert sum(day.openers for day in lived.days) == len(world.asked)
    shown = {(person.id, day) for day in DAYS for person in world.members(day) if person.status}
    assert shown
    assert not shown & {(member, at.date()) for member, _, at in world.asked}


def test_rivals_keep_to_the_same_rules() -> None:
    for policy in (at_random, by_similarity):
        world = watched()
        compete(world, DAYS, policy, styles=STYLES, seed=3)
        keeps_the_rules(world)
        assert len(world.asked) == 40
    world = watched()
    compete(world, DAYS, by_similarity, styles=STYLES, seed=3, keeps=top_half)
    assert 0 < len(world.asked) < 40


def test_the_oracle_does_better_than_chance() -> None:
    def utility(world: Watched, wise: bool) -> float:
        policy = oracle(world) if wise else at_random
        days = compete(world, DAYS, policy, styles=STYLES, seed=3).days
        return sum(day.utility for day in days)

    assert utility(watched(40), True) > 0 > utility(watched(40), False)


def test_figures_count_the_last_fortnight_and_everybody_who_left() -> None:
    days = tuple(
        DayTally(date(2026, 1, 1) + timedelta(days=n), 4, 3 if n >= 6 else 0, 1, 0)
        for n in range(20)
    )
    final = Course(days, {MemberId("a")}).final(50, 100.0)
    assert final["precision"] == 0.75
    assert final["opt_out_rate"] == 0.02
    assert final["share_of_oracle"] == pytest.approx(14 * 2.5 / 100)


def test_the_same_seed_comes_to_the_same_figures() -> None:
    told = [Simulation(3, 2, 2).run() for _ in range(2)]
    assert told[0] == told[1]
    assert set(told[0]["baselines"]) == {
        "random", "similarity_always", "similarity_top_half", "training_off", "oracle",
    }  # fmt: skip


def test_the_command_prints_one_object_for_a_world_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(WHOLE, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*TINY, "--days", "2", "--world", str(file), "--json"])
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["world"] == "mine.py"
    assert [day["day"] for day in told["days"]] == [1, 2]
    assert told["final"]["precision"] in (1.0, None)
    assert told["final"]["share_of_oracle"] is None
    assert "oracle" not in told["baselines"]
    assert told["baselines"]["random"]["precision"] == 1.0


def test_a_broken_world_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(WHOLE.replace("def items(", "def things("), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*TINY, "--days", "1", "--world", str(file)])
    assert ended.value.code == 1
    assert "items(day) is missing" in capsys.readouterr().err


def test_what_is_told_is_drawn(tmp_path: Path) -> None:
    final = {"precision": 0.5, "opt_out_rate": 0.0, "share_of_oracle": None, "utility": 1.0}
    day = {"day": 1, "sent": 4, "engaged": 2, "dismissed": 1, "opted_out": 0, "precision": 0.5}
    told = {"world": "mine.py", "members": 3, "seed": 7, "days": [day], "final": final}
    file = tmp_path / "learned.svg"
    plots.simulation({**told, "baselines": {"training_off": final}}, file)
    drawn = file.read_text(encoding="utf-8")
    for words in ("Overture", "training off", "opted out", "World mine.py, 3 members, seed 7"):
        assert f"<!-- {words}" in drawn
