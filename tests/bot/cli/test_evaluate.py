"""`overture eval`: one JSON object or a table, and a complaint that helps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bot.cli.conftest import Overture
from tests.bot.pool.zips import export, said

START = datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = [f"UP{n}" for n in range(6)]
WORDS = ("How do decoders work?", "Who knows a good oven?", "Is the build red again?")


def chatter(days: int = 16) -> dict[str, Any]:
    """Six threads a day; half of the people answer in the morning, half in the afternoon."""
    dice = np.random.default_rng(0)
    files: dict[str, Any] = {}
    for day in range(days):
        messages = []
        for n, hour in enumerate((7, 8, 9, 16, 17, 18)):
            root = (START + timedelta(days=day, hours=hour)).timestamp()
            author = PEOPLE[(n + day) % 6]
            messages.append(said(f"{root:.6f}", author, WORDS[n % 3]))
            for who, person in enumerate(PEOPLE):
                if person != author and (who % 2 == 0) == (hour < 12) and dice.random() < 0.5:
                    at = root + float(dice.integers(60, 3000))
                    messages.append(
                        said(f"{at:.6f}", person, WORDS[n % 3], thread_ts=f"{root:.6f}")
                    )
        when = (START + timedelta(days=day)).date()
        files[f"general/{when}.json"] = sorted(messages, key=lambda one: str(one["ts"]))
    return files


@pytest.fixture
def mind(tmp_path: Path) -> tuple[Path, Path]:
    dice = np.random.default_rng(0)
    for name, count in (("train", 120), ("test", 40)):
        folder = tmp_path / name
        folder.mkdir()
        lines = [f"N{n}\t{'ab'[n % 2]}\t\t{WORDS[n % 2]}\t\t\t[]\t[]" for n in range(20)]
        (folder / "news.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        shown = []
        for n in range(count):
            likes = int(dice.integers(2))
            chosen = dice.choice(20, 6, replace=False)
            labels = dice.random(6) < np.where(chosen % 2 == likes, 0.6, 0.1)
            slate = " ".join(f"N{c}-{int(y)}" for c, y in zip(chosen, labels, strict=True))
            shown.append(f"{n}\tR{name}{n}\t11/15/2019 12:00:00 PM\tN{likes} N{likes + 2}\t{slate}")
        (folder / "behaviors.tsv").write_text("\n".join(shown) + "\n", encoding="utf-8")
    return tmp_path / "train", tmp_path / "test"


def test_an_export_is_judged(overture: Overture, tmp_path: Path) -> None:
    file = export(tmp_path / "e.zip", chatter())
    code, out, err = overture("eval", "slack-export", file, "--json", "--seed", 4)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["seed"] == 4
    assert found["n"] > 5
    assert found["metrics"]["auc"]["value"] > 0.6
    assert found["speak"]["n"] >= found["n"]
    assert overture("eval", "slack-export", file, "--json", "--seed", 4)[1] == out
    picture = tmp_path / "e.png"
    code, table, err = overture("eval", "slack-export", file, "--plot", picture)
    assert code == 0
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert all(f" {name} " in table for name in ("overture", "hour_match", "embedding", "always"))


def test_news_are_judged(overture: Overture, mind: tuple[Path, Path]) -> None:
    train, test = mind
    code, out, err = overture("eval", "mind", "--train", train, "--test", test, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["n"] > 20
    assert found["metrics"]["auc"]["value"] > 0.6
    assert "speak" not in found
    asked = ("eval", "mind", "--train", train, "--test", test, "--plot", test / "gains.svg")
    code, table, _ = overture(*asked)
    assert code == 0
    assert b"<svg" in (test / "gains.svg").read_bytes()
    assert all(f" {name} " in table for name in ("overture", "popularity", "category_share"))


def test_bad_input_is_said(overture: Overture, mind: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = mind
    (test / "news.tsv").unlink()
    code, out, err = overture("eval", "mind", "--train", train, "--test", test)
    assert (code, out) == (1, "")
    assert "news.tsv: is not there" in err
    short = export(tmp_path / "short.zip", chatter(days=3))
    code, _, err = overture("eval", "slack-export", short, "--plot", tmp_path / "a.bmp")
    assert (code, "should end with one of" in err) == (1, True)
    code, out, err = overture("eval", "slack-export", short)
    assert (code, out) == (1, "")
    assert "short.zip: threads began on 3 days only" in err
    code, out, err = overture("eval", "slack-export", export(tmp_path / "mute.zip", {}))
    assert (code, out) == (1, "")
    assert "mute.zip: nobody wrote anything" in err
    text = tmp_path / "no.zip"
    text.write_text("hello", encoding="utf-8")
    assert overture("eval", "slack-export", text)[0] == 1
    assert overture("eval", "mind", "--train", train, "--test", tmp_path / "nowhere")[0] == 2


def test_what_cannot_teach_names_the_folders(overture: Overture, mind: tuple[Path, Path]) -> None:
    train, test = mind
    lines = (train / "behaviors.tsv").read_text("utf-8")
    (train / "behaviors.tsv").write_text(lines.replace("-1", "-0"), "utf-8")
    code, out, err = overture("eval", "mind", "--train", train, "--test", test)
    assert (code, out) == (1, "")
    assert f"{train}, {test}: no train impression" in " ".join(err.split())
