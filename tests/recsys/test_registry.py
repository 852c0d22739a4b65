"""Models as files: verified before parsing, promoted and rolled back at one stroke."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from recsys import artifacts
from recsys.features import FEATURES, SCHEMA_HASH, matrix
from recsys.model import PRIOR_VERSION, TrainingResult
from recsys.registry import DamagedArtifact, Registry, RegistryError, SchemaMismatch
from recsys.training import train
from recsys.types import Version
from tests.recsys.builders import NOW
from tests.recsys.classroom import pool, taught


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    return train(taught(), pool(), seed=7, now=NOW, serving=None)


@pytest.fixture
def registry(tmp_path: Path, result: TrainingResult) -> Registry:
    """Two models, the second of which serves."""
    made = Registry(tmp_path / "models")
    for _ in range(2):
        made.promote(made.register(result))
    return made


M1, M2 = Version("m0001"), Version("m0002")


def forbid_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object, **__: object) -> None:
        raise AssertionError("parsed before its checksum was verified")

    monkeypatch.setattr(lightgbm, "Booster", parse)


def test_what_is_loaded_says_the_same_as_what_was_fitted(
    registry: Registry, result: TrainingResult
) -> None:
    loaded = registry.load(M2)
    table = matrix(taught(members=1)[-1].query, pool(), np.arange(60, dtype=np.int32))
    assert result.model is not None
    for head in ("engages", "dismisses"):
        fitted = getattr(result.model, head).probability(table)
        assert getattr(loaded.model, head).probability(table).tobytes() == fitted.tobytes()
    assert loaded.model.opts_out(table).tobytes() == result.model.opts_out(table).tobytes()
    assert loaded.model.uncertainty == result.model.uncertainty


def test_the_manifest_says_what_a_model_comes_from(registry: Registry) -> None:
    manifest = registry.manifest(M1)
    assert (manifest.version, manifest.created, manifest.seed) == (M1, NOW, 7)
    assert manifest.schema == SCHEMA_HASH
    assert manifest.recipe.startswith("outcome-")
    assert manifest.counts["lessons_outcome"] == 720
    assert len(manifest.data) == 64
    assert manifest.window[0] < manifest.window[1] < NOW
    assert set(manifest.files) >= {"model.txt", "calibration.json"}


def mutate_trees(folder: Path) -> None:
    path = folder / "model.txt"
    path.write_bytes(path.read_bytes().replace(b"num_cat=0", b"num_cat=7", 1))


def truncate_trees(folder: Path) -> None:
    path = folder / "model.txt"
    path.write_bytes(path.read_bytes()[:200])


def remove_calibration(folder: Path) -> None:
    (folder / "calibration.json").unlink()


def edit_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 7', '"seed": 8'))


def remove_seal(folder: Path) -> None:
    (folder / "manifest.sha256").unlink()


@pytest.mark.parametrize(
    "damage", [mutate_trees, truncate_trees, remove_calibration, edit_manifest, remove_seal]
)
def test_damage_is_refused_before_parsing_and_the_former_serves(
    registry: Registry, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(registry.root / M2)
    with monkeypatch.context() as patched:
        forbid_parsing(patched)
        with pytest.raises(DamagedArtifact):
            registry.load(M2)
        with pytest.raises(DamagedArtifact):
            registry.promote(M2)
    serving = registry.load_serving()
    assert serving.version == M1
    assert len(serving.problems) == 1
    assert serving.problems[0].startswith("m0002 does not serve: ")


LOAD = "import sys; from recsys.registry import Registry; from pathlib import Path; "
LOAD += "print(Registry(Path(sys.argv[1])).load_serving().version)"


def test_without_the_checksum_the_damage_would_kill_the_process(registry: Registry) -> None:
    """Negative control: the same mutation under a fitting checksum reaches LightGBM's parser."""
    mutate_trees(registry.root / M2)
    guarded = run_load(registry)
    assert (guarded.returncode, guarded.stdout.strip()) == (0, M1)
    reseal(registry.root / M2, lambda data: None)
    assert run_load(registry).returncode < 0, "LightGBM read the mutated text after all"


def run_load(registry: Registry) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LOAD, str(registry.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def reseal(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    data = json.loads((folder / "manifest.json").read_text())
    data["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in data["files"]
    }
    change(data)
    text = json.dumps(data)
    (folder / "manifest.json").write_text(text)
    (folder / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())


def test_another_schema_is_refused_with_both_hashes(registry: Registry) -> None:
    other = "0" * 64
    reseal(registry.root / M2, lambda data: data.update(schema=other))
    with pytest.raises(SchemaMismatch) as refused:
        registry.load(M2)
    assert other in str(refused.value)
    assert SCHEMA_HASH in str(refused.value)
    assert registry.load_serving().version == M1


def test_a_manifest_may_not_point_elsewhere(registry: Registry) -> None:
    reseal(registry.root / M2, lambda data: data.update(files={"../m0001/model.txt": "0"}))
    with pytest.raises(DamagedArtifact, match="lists files that no model has"):
        registry.load(M2)


def test_trees_over_other_columns_are_refused(registry: Registry) -> None:
    dice = np.random.default_rng(0)
    narrow = lightgbm.train(
        {"verbosity": -1}, lightgbm.Dataset(dice.normal(size=(60, 3)), dice.normal(size=60)), 2
    )
    (registry.root / M2 / "model.txt").write_text(narrow.model_to_string())
    reseal(registry.root / M2, lambda data: None)
    with pytest.raises(
        SchemaMismatch, match=f"takes 3 features, this code computes {len(FEATURES)}"
    ):
        registry.load(M2)


def test_all_damaged_leaves_the_prior(registry: Registry) -> None:
    for version in (M1, M2):
        mutate_trees(registry.root / version)
    serving = registry.load_serving()
    assert (serving.loaded, serving.version) == (None, PRIOR_VERSION)
    assert len(serving.problems) == 2


def test_promote_and_roll_back(registry: Registry) -> None:
    assert registry.versions() == (M1, M2)
    assert registry.current() == M2
    assert registry.rollback() == M1
    assert registry.current() == M1
    registry.promote(M2)
    registry.promote(M2)
    assert registry.rollback() == M1
    assert registry.rollback() == PRIOR_VERSION
    assert registry.current() is None
    assert registry.load_serving().version == PRIOR_VERSION
    with pytest.raises(RegistryError, match="nothing to roll back"):
        registry.rollback()


def test_a_rollback_to_a_damaged_model_changes_nothing(registry: Registry) -> None:
    mutate_trees(registry.root / M1)
    with pytest.raises(DamagedArtifact):
        registry.rollback()
    assert registry.current() == M2


def test_a_crash_while_writing_leaves_no_version_and_the_former_serving(
    registry: Registry, result: TrainingResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = artifacts.write_durably

    def full_disk(path: Path, text: str) -> None:
        if path.name == "manifest.json" or path.name.startswith("serving."):
            path.write_text(text[:10])
            raise OSError(28, "No space left on device")
        whole(path, text)

    monkeypatch.setattr(artifacts, "write_durably", full_disk)
    with pytest.raises(OSError, match="No space left"):
        registry.register(result)
    with pytest.raises(OSError, match="No space left"):
        registry.promote(M1)
    assert registry.versions() == (M1, M2)
    assert registry.load_serving().version == M2


def test_unknown_versions_and_what_is_no_version_are_refused(registry: Registry) -> None:
    for name in ("m9999", "../m0001", "", "prior"):
        with pytest.raises(RegistryError, match=r"known: m0001, m0002"):
            registry.load(Version(name))


def test_a_damaged_pointer_is_named_and_the_prior_serves(registry: Registry) -> None:
    (registry.root / "serving.json").write_text('{"served": ["../../etc"]}')
    serving = registry.load_serving()
    assert serving.loaded is None
    assert "serving.json" in serving.problems[0]


def test_a_run_without_a_model_is_not_registered(tmp_path: Path, result: TrainingResult) -> None:
    empty = Registry(tmp_path)
    assert (empty.versions(), empty.current()) == ((), None)
    with pytest.raises(RegistryError, match="there is no model to register: too few"):
        empty.register(replace(result, model=None, reason="too few"))
    assert empty.versions() == ()


def test_a_replay_does_not_know_a_model_that_was_made_later(
    registry: Registry, result: TrainingResult
) -> None:
    late = registry.register(replace(result, created=result.created + 1000.0))
    registry.promote(late)
    assert registry.load_serving().version == late
    before = registry.load_serving(as_of=result.created + 500.0)
    assert before.version == M2
    assert "after this moment" in before.problems[0]
