"""A model as files: LightGBM text, JSON, a manifest with checksums, and the manifest's own.

Nothing is parsed before its checksum fits: mutated LightGBM text can abort the process. No
pickle anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import lightgbm

from recsys.calibration import Calibration
from recsys.card import card
from recsys.features import FEATURES, SCHEMA_HASH
from recsys.model import Head, LoadedModel, Manifest, Model, TrainingResult
from recsys.prior import Formula
from recsys.types import Version

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
CALIBRATION = "calibration.json"
CARD = "card.md"
"""for people: it follows from the manifest and is never read back"""
TREES = {
    "engages": "model.txt",
    "dismisses": "dismisses.txt",
    "opts_out": "opts_out.txt",
    "orders": "orders.txt",
}


class RegistryError(Exception):
    """A model cannot be registered, promoted or loaded; the message says why and what to do."""


class DamagedArtifact(RegistryError):
    """A file is missing, or not what its checksum says."""


class SchemaMismatch(RegistryError):
    """A model was fitted to other features than the code computes."""


def write(folder: Path, version: Version, result: TrainingResult) -> None:
    """Write all files of a model into an empty folder. Raises RegistryError without a model."""
    if result.model is None:
        raise RegistryError(f"there is no model to register: {result.reason}")
    texts = _texts(result.model)
    manifest = {
        "version": version,
        "created": result.created,
        "schema": SCHEMA_HASH,
        "recipe": result.recipe,
        "origin": result.origin,
        "seed": result.seed,
        "data": result.data,
        "window": list(result.window),
        "counts": dict(result.counts),
        "metrics": dict(result.metrics),
        "verdict": result.verdict,
        "reason": result.reason,
        "files": {name: _digest(text.encode()) for name, text in sorted(texts.items())},
    }
    texts[MANIFEST] = _dump(manifest)
    texts[SEAL] = _digest(texts[MANIFEST].encode()) + "\n"
    texts[CARD] = card(_manifest(manifest))
    for name, text in texts.items():
        write_durably(folder / name, text)


def fingerprint(model: Model) -> str:
    """A digest of all that scores, twelve digits."""
    return _digest("\n".join(text for _, text in sorted(_texts(model).items())).encode())[:12]


def read_manifest(folder: Path) -> Manifest:
    """Raises DamagedArtifact where the manifest is missing or not what its seal says."""
    seal = _bytes(folder / SEAL).decode("ascii", "replace").strip()
    data = json.loads(_verified(folder / MANIFEST, seal))
    return _manifest(data)


def read(folder: Path) -> LoadedModel:
    """Verify everything, then parse it.

    Raises DamagedArtifact, or SchemaMismatch with both hashes in its message.
    """
    manifest = read_manifest(folder)
    if manifest.schema != SCHEMA_HASH:
        raise SchemaMismatch(
            f"model {manifest.version} was fitted to features {manifest.schema}, "
            f"this code computes {SCHEMA_HASH}: train again, or run the code it was fitted with"
        )
    expected = {*TREES.values(), CALIBRATION}
    if not {CALIBRATION} <= set(manifest.files) <= expected:
        raise DamagedArtifact(f"{folder / MANIFEST} lists files that no model has; remove {folder}")
    contents = {name: _verified(folder / name, digest) for name, digest in manifest.files.items()}
    saved = json.loads(contents[CALIBRATION])
    boosters = {
        name: _booster(folder / file, contents[file])
        for name, file in TREES.items()
        if file in contents
    }
    return LoadedModel(manifest.version, _model(saved, boosters), manifest)


def write_durably(path: Path, text: str) -> None:
    """Write and flush to the disk, so that a rename after it never exposes half a file."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(**{**data, "window": tuple(data["window"])})


def _texts(model: Model) -> dict[str, str]:
    """The files that a model is, by name."""
    texts = {TREES[name]: booster.model_to_string() for name, booster in model.boosters().items()}
    return {**texts, CALIBRATION: _dump(_calibrations(model))}


def _calibrations(model: Model) -> dict[str, Any]:
    heads = model.heads()
    return {
        "heads": {name: head.calibration.as_json() for name, head in heads.items()},
        "formulas": {name: head.formula.as_json() for name, head in heads.items()},
        "opt_out_rates": list(model.opt_out_rates),
        "uncertainty": model.uncertainty,
    }


def _model(saved: dict[str, Any], boosters: dict[str, lightgbm.Booster]) -> Model:
    heads = {
        name: Head(
            Formula.from_json(saved["formulas"][name]),
            boosters.get(name),
            Calibration.from_json(curve),
        )
        for name, curve in saved["heads"].items()
    }
    return Model(
        heads["engages"],
        heads["dismisses"],
        heads.get("opts_out"),
        tuple(saved["opt_out_rates"]),
        float(saved["uncertainty"]),
        heads.get("orders"),
    )


def _booster(path: Path, content: bytes) -> lightgbm.Booster:
    booster = lightgbm.Booster(model_str=content.decode())
    if booster.num_feature() != len(FEATURES):
        raise SchemaMismatch(
            f"{path} takes {booster.num_feature()} features, this code computes {len(FEATURES)}"
        )
    return booster


def _verified(path: Path, digest: str) -> bytes:
    content = _bytes(path)
    found = _digest(content)
    if found != digest:
        raise DamagedArtifact(
            f"{path} is not what was written: SHA-256 {found}, expected {digest}; "
            f"roll back to another version, or train again"
        )
    return content


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedArtifact(
            f"{path} cannot be read ({error.strerror}); roll back, or train again"
        ) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, sort_keys=True, allow_nan=False) + "\n"
