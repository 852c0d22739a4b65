"""`overture train` and `overture models`: from too little to learn from to what serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.ids import digest
from bot.store.database import Store, connect
from recsys.model import TrainingResult
from recsys.registry import Registry
from recsys.training import train
from recsys.types import Version
from tests.bot.cli.conftest import NOW, Overture, workspace_of
from tests.recsys.builders import NOW as THEN
from tests.recsys.classroom import pool, taught


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    return train(taught(), pool(), seed=7, now=THEN, serving=None)


@pytest.fixture
def registry(stocked: Overture, tmp_path: Path, result: TrainingResult) -> Registry:
    """The workspace's, with two versions of which the second serves."""
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    made = Registry(tmp_path / "var" / "models" / digest(workspace_of(store)))
    store.close()
    for _ in range(2):
        made.promote(made.register(result))
    return made


@pytest.mark.parametrize("origin", [(), ("--from-history",)])
def test_too_little_to_learn_from_is_said(
    stocked: Overture, tmp_path: Path, origin: tuple[str, ...]
) -> None:
    code, out, err = stocked("train", "--now", NOW, *origin)
    assert (code, err) == (0, "")
    assert out.startswith("no model: not promoted.")
    found = json.loads(stocked("train", "--now", NOW, "--json", *origin)[1])
    assert (found["version"], found["promoted"]) == (None, False)
    assert found["served_before"] == "prior"
    assert found["origin"] == ("history" if origin else "outcome")
    assert found["reason"]
    assert not list((tmp_path / "var").glob("models/*/m*"))


def test_without_a_model_the_prior_serves(stocked: Overture) -> None:
    assert stocked("models", "list")[1].startswith("No model yet: the prior serves.")
    assert json.loads(stocked("models", "list", "--json")[1]) == {"serving": "prior", "models": []}


def test_versions_are_listed_and_shown(stocked: Overture, registry: Registry) -> None:
    found = json.loads(stocked("models", "list", "--json")[1])
    assert found["serving"] == "m0002"
    assert [(one["version"], one["serves"]) for one in found["models"]] == [
        ("m0001", False),
        ("m0002", True),
    ]
    learned = registry.manifest(Version("m0001")).counts
    assert found["models"][0]["labels"] == learned["labels"] < sum(learned.values())
    code, out, _ = stocked("models", "list")
    assert code == 0
    assert "m0001" in out
    manifest = json.loads(stocked("models", "show", "m0001", "--json")[1])
    assert (manifest["version"], manifest["origin"]) == ("m0001", "outcome")


def test_the_model_card_is_shown_and_stands_beside_the_model(
    stocked: Overture, registry: Registry
) -> None:
    code, out, err = stocked("models", "show", "m0001")
    assert (code, err) == (0, "")
    assert out == (registry.root / "m0001" / "card.md").read_text(encoding="utf-8")
    manifest = registry.manifest(Version("m0001"))
    for told in ("# Model m0001", manifest.recipe, manifest.data, "## Not to be used", "ece"):
        assert told in out


def test_two_versions_are_held_side_by_side(stocked: Overture, registry: Registry) -> None:
    code, out, _ = stocked("models", "diff", "prior", "m0001", "--now", NOW)
    assert (code, "No opener's window has closed yet." in out) == (0, True)
    told = json.loads(stocked("models", "diff", "prior", "m0001", "--now", NOW, "--json")[1])
    assert (told["lessons"], told["slices"], told["seen"]) == (0, [], {"prior": 0, "m0001": 0})
    code, _, err = stocked("models", "diff", "m0001", "m0099", "--now", NOW)
    assert (code, "m0099" in err) == (1, True)


def test_promoting_and_rolling_back(stocked: Overture, registry: Registry) -> None:
    assert stocked("models", "promote", "m0001")[0] == 0
    assert registry.current() == "m0001"
    code, out, _ = stocked("models", "rollback")
    assert (code, registry.current()) == (0, "m0002")
    assert out.startswith("m0002 serves from the next pass on.")
    stocked("models", "rollback")
    assert stocked("models", "rollback")[1].startswith("prior serves")
    code, _, err = stocked("models", "rollback")
    assert code == 1
    assert "nothing to roll back" in err


@pytest.mark.parametrize("verb", ["show", "promote"])
@pytest.mark.parametrize("version", ["m0099", "../m0001", "latest"])
def test_an_unknown_version_is_named(
    stocked: Overture, registry: Registry, verb: str, version: str
) -> None:
    code, out, err = stocked("models", verb, version)
    assert (code, out) == (1, "")
    assert version in err
    assert "overture models list" in err
    assert "Traceback" not in err
    assert registry.current() == "m0002"


def test_a_damaged_model_is_named_and_the_former_serves(
    stocked: Overture, registry: Registry
) -> None:
    part = registry.root / "m0002" / min(registry.manifest(Version("m0002")).files)
    part.write_bytes(part.read_bytes()[:-40])
    code, _, err = stocked("models", "list")
    assert code == 0
    assert "m0002" in err
    assert json.loads(stocked("models", "list", "--json")[1])["serving"] == "m0001"
    assert stocked("models", "promote", "m0002")[0] == 1
    findings = json.loads(stocked("doctor", "--json")[1])["findings"]
    (found,) = [one for one in findings if one["part"] == "models"]
    assert (found["state"], "m0002" in found["found"]) == ("wrong", True)
    assert found["advice"]


def test_a_challenger_is_scored_until_it_is_called_off(
    stocked: Overture, registry: Registry
) -> None:
    assert "No version is scored" in stocked("models", "shadow")[1]
    assert "m0001 is scored beside" in stocked("models", "shadow", "m0001")[1]
    assert (registry.shadow(), registry.current()) == ("m0001", "m0002")
    told = json.loads(stocked("models", "shadow", "--json")[1])
    assert (told["shadow"], told["decisions"]) == ("m0001", 0)
    assert "m0001 scored 0 decisions" in stocked("models", "shadow")[1]
    assert stocked("models", "shadow", "off")[0] == 0
    assert registry.shadow() is None
    code, _, err = stocked("models", "shadow", "m0099")
    assert (code, "m0099" in err) == (1, True)
