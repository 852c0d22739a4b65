"""Decisions as Parquet: what was kept is in it, nobody's words are, and the page's code runs."""

from __future__ import annotations

import os
import re
import stat
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bot.learning.dataset import (
    CANDIDATES,
    DECISIONS,
    OF_CANDIDATES,
    OF_DECISIONS,
    PREFIX,
    Column,
    Exported,
    export,
    key_at,
    pseudonyms,
)
from bot.settings import RecommenderSettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.outcomes import Outcomes
from recsys.features import FEATURES, SCHEMA_HASH
from recsys.labels import GRADES, QUICK_WEIGHT
from recsys.types import OutcomeKind
from tests.bot.scene import MEMBERS, NOW, WORKSPACE, Scene, policy
from tests.docs.pages import ROOT, blocks

PAGE = (ROOT / "docs" / "notebook.md").read_text("utf-8")
CAME = {"ana": OutcomeKind.ACCEPTED, "bo": OutcomeKind.DISMISSED}
AFTER = timedelta(seconds=30)


def write(scene: Scene, folder: Path, **changes: Any) -> Exported:
    plain: dict[str, Any] = {"since": None, "until": None, "name_of": pseudonyms(b"key")}
    with scene.store.reading(WORKSPACE) as unit:
        return export(unit, folder, **{**plain, **changes})


def rows(folder: Path, name: str = DECISIONS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / name).to_pylist()
    return found


@pytest.fixture
def lived(populated: Scene) -> Scene:
    """Three openers: one taken up, one quickly dismissed, one that is still open."""
    populated.settings = RecommenderSettings(epsilon=0.3)
    populated.policy = policy(holdout=0.1)
    for member in MEMBERS:
        populated.outreach().attempt(member, NOW)
    with populated.store.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            opener.sent_at, opener.state = opener.created_at, "sent"
            if opener.member_id in CAME:
                opener.state = "closed"
                Outcomes(unit).record(opener, CAME[opener.member_id], NOW + AFTER)
        unit.commit()
    return populated


def test_every_decision_is_there_as_it_was_kept(lived: Scene, tmp_path: Path) -> None:
    done = write(lived, tmp_path, name_of=str)
    kept = {one.id: one for one in lived.rows(tables.Decision) if one.slot != "run"}
    found = rows(tmp_path)
    assert done.decisions == len(found) == len(kept) == 3
    for row in found:
        made = kept[row["decision"]]
        for name in ("reason", "arm", "style", "p_speak", "p_item", "p_style", "propensity",
                     "engages", "utility", "at"):  # fmt: skip
            assert row[name] == getattr(made, name), name
        assert (row["member"], row["item"]) == (made.member_id, made.item_id)
        assert (row["model"], row["holdout"]) == (made.model_version, 0.1)
        top = made.slate["top"]
        assert {name: row[PREFIX + name] for name in top[0]["features"]} == pytest.approx(
            top[made.slate["chosen"]]["features"], rel=1e-6
        )
    slates = rows(tmp_path, CANDIDATES)
    assert done.candidates == len(slates) == sum(len(one.slate["top"]) for one in kept.values())
    assert {(o["decision"], o["item"]) for o in slates if o["chosen"]} == {
        (one.id, one.item_id) for one in kept.values()
    }


def test_labels_are_those_of_training_and_of_closed_windows_alone(
    lived: Scene, tmp_path: Path
) -> None:
    write(lived, tmp_path, name_of=str)
    found = {row["member"]: row for row in rows(tmp_path)}
    assert {who: (row["shown"], row["closed"]) for who, row in found.items()} == {
        "ana": (True, True), "bo": (True, True), "cy": (True, False),
    }  # fmt: skip
    ana, bo, cy = (found[who] for who in MEMBERS)
    assert (ana["outcome"], ana["engaged"], ana["weight"]) == ("accepted", 1.0, 1.0)
    assert (bo["engaged"], bo["dismissed"], bo["seconds"]) == (0.0, True, 30.0)
    assert bo["weight"] == GRADES[OutcomeKind.DISMISSED].weight * QUICK_WEIGHT
    assert [cy[name] for name in ("outcome", "engaged", "dismissed", "weight")] == [None] * 4


def test_nobodys_words_and_no_name_are_in_it(lived: Scene, tmp_path: Path) -> None:
    write(lived, tmp_path / "plain", name_of=str)
    write(lived, tmp_path / "hidden")
    words = {word for one in lived.rows(tables.Opener) for word in one.text.split()}
    words |= {word for one in lived.rows(tables.Signal) for word in one.text.split()}
    words |= {word for one in lived.rows(tables.Item) for word in one.title.split()}
    words |= {one.name for one in lived.rows(tables.Member)}
    words = {word for word in words if len(word) > 3}

    def strings(folder: Path) -> set[str]:
        both = [*rows(folder), *rows(folder, CANDIDATES)]
        return {str(x) for row in both for x in row.values() if isinstance(x, str)}

    assert {text for text in strings(tmp_path / "hidden") if words & set(text.split())} == set()
    assert strings(tmp_path / "hidden") & set(MEMBERS) == set()
    assert strings(tmp_path / "plain") & set(MEMBERS) == set(MEMBERS)


def test_pseudonyms_stay_under_a_key_and_say_nothing_under_another(tmp_path: Path) -> None:
    key = key_at(tmp_path / "home")
    assert key_at(tmp_path / "home") == key
    assert len(key) == 32
    mode = os.stat(tmp_path / "home" / "pseudonyms.key").st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert pseudonyms(key)("ana") == pseudonyms(key)("ana") != pseudonyms(key)("bo")
    assert pseudonyms(key)("ana") != pseudonyms(b"another")("ana")


def test_who_no_longer_agrees_is_left_out_and_counted(lived: Scene, tmp_path: Path) -> None:
    with lived.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("bo", ["openers"], at=NOW)
        unit.commit()
    done = write(lived, tmp_path, name_of=str)
    assert {row["member"] for row in rows(tmp_path)} == {"ana", "cy"}
    assert (done.decisions, done.left_out) == (2, 1)


def test_arms_of_experiments_stand_with_their_chance(lived: Scene, tmp_path: Path) -> None:
    with lived.store.writing(WORKSPACE) as unit:
        for made in unit.session.query(tables.Decision):
            if made.member_id == "bo" and made.inputs is not None:
                arms = {
                    "tone": {"arm": "news", "share": 0.25},
                    "bars": {"arm": "low", "share": 0.5},
                }
                made.inputs = {**made.inputs, "arms": arms}
        unit.commit()
    write(lived, tmp_path, name_of=str)
    found = {row["member"]: (row["experiments"], row["p_arms"]) for row in rows(tmp_path)}
    assert found == {"ana": (None, 1.0), "bo": ("bars=low tone=news", 0.125), "cy": (None, 1.0)}


def test_it_is_cut_by_time(lived: Scene, tmp_path: Path) -> None:
    assert write(lived, tmp_path, until=NOW).decisions == 0
    assert write(lived, tmp_path, since=NOW, until=NOW + AFTER).decisions == 3
    assert write(lived, tmp_path, since=NOW + AFTER).decisions == 0


def test_features_of_another_schema_are_null_and_counted(lived: Scene, tmp_path: Path) -> None:
    with lived.store.writing(WORKSPACE) as unit:
        for made in unit.session.query(tables.Decision):
            if made.slate is not None:
                made.slate = {**made.slate, "schema": "of old"}
        unit.commit()
    assert write(lived, tmp_path).other_features == 3
    assert all(row[PREFIX + FEATURES[0].name] is None for row in rows(tmp_path))
    assert pq.read_schema(tmp_path / DECISIONS).metadata[b"features"] == SCHEMA_HASH.encode()


def test_an_export_that_breaks_leaves_the_former_one(lived: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write(lived, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def breaks(member: str) -> str:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write(lived, folder, name_of=breaks)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("heading", "columns"), [("decisions", OF_DECISIONS), ("candidates", OF_CANDIDATES)]
)
def test_the_page_describes_every_column(heading: str, columns: tuple[Column, ...]) -> None:
    part = PAGE.split(f"## {heading}.parquet", 1)[1].split("\n## ", 1)[0]
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", part, re.MULTILINE)
    assert told == [(one.name, one.type, one.sentence) for one in columns]


def test_the_code_of_the_page_runs(
    lived: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lived, tmp_path / "dataset")
    monkeypatch.chdir(tmp_path)
    code = [text for language, text in blocks(PAGE) if language == "python"]
    assert len(code) == 3
    space: dict[str, Any] = {}
    with redirect_stdout(StringIO()) as printed:
        for one in code:
            exec(one, space)
    assert sum(count for _, _, count in space["reliability"]) == 2
    came = {row["member"]: row for row in rows(tmp_path / "dataset") if row["closed"]}
    assert sum(x * n for _, x, n in space["reliability"]) == pytest.approx(
        sum(row["engaged"] for row in came.values())
    )
    assert set(space["comparison"]) == {0.3, 0.5, 0.7}
    assert "effective openers" in printed.getvalue()
