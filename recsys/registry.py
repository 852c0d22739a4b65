"""Versioned models in a folder: registered, promoted and rolled back, each at one stroke.

root/m0001/…      one folder a version, written beside and renamed into place, never changed
root/serving.json the versions that served, oldest first; the last one serves
root/shadow.json  the version that is scored beside the one that serves, if any
root/.lock        held while either changes, so that two processes may train at once
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from recsys import artifacts
from recsys.artifacts import DamagedArtifact, RegistryError, SchemaMismatch
from recsys.model import PRIOR_VERSION, LoadedModel, Manifest, TrainingResult
from recsys.types import Version

__all__ = ["DamagedArtifact", "Registry", "RegistryError", "SchemaMismatch", "Serving"]

_NAME = re.compile(r"m\d{4,}")
_POINTER = "serving.json"
_SHADOW = "shadow.json"


@dataclass(frozen=True)
class Serving:
    """What serves: a model, or None for the prior; and what had to be passed over."""

    loaded: LoadedModel | None
    problems: tuple[str, ...] = ()

    @property
    def version(self) -> Version:
        return PRIOR_VERSION if self.loaded is None else self.loaded.version


@dataclass(frozen=True)
class Registry:
    """All models below one folder, which is created when the first is registered."""

    root: Path

    def register(self, result: TrainingResult) -> Version:
        """Write a model under the next version; it does not serve yet.

        Raises RegistryError where the result has no model.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock():
            names = self.versions()
            number = int(names[-1][1:]) + 1 if names else 1
            version = Version(f"m{number:04d}")
            draft = self.root / f".{version}.{os.getpid()}"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            try:
                artifacts.write(draft, version, result)
                draft.rename(self.root / version)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return version

    def versions(self) -> tuple[Version, ...]:
        """All registered versions, oldest first."""
        if not self.root.is_dir():
            return ()
        names = [entry.name for entry in self.root.iterdir() if _NAME.fullmatch(entry.name)]
        return tuple(Version(name) for name in sorted(names, key=lambda name: int(name[1:])))

    def manifest(self, version: Version) -> Manifest:
        """What is known of a version. Raises RegistryError for one that is unknown or damaged."""
        return artifacts.read_manifest(self._folder(version))

    def load(self, version: Version) -> LoadedModel:
        """Verify and read a version.

        Raises RegistryError for an unknown one, DamagedArtifact, SchemaMismatch.
        """
        loaded = artifacts.read(self._folder(version))
        if loaded.version != version:
            raise DamagedArtifact(
                f"{self.root / version} says that it is {loaded.version}; restore it, or roll back"
            )
        return loaded

    def current(self) -> Version | None:
        """The version that is to serve; None while the prior does."""
        served = self._served()
        return served[-1] if served else None

    def promote(self, version: Version) -> None:
        """Let a version serve from now on; it is loaded first, and refused if it cannot be."""
        self.load(version)
        with self._lock():
            served = self._served()
            if not served or served[-1] != version:
                self._point((*served, version))

    def rollback(self) -> Version:
        """Let the version before serve again; ``prior`` where there was none before.

        Raises RegistryError where no version serves, or the one before cannot be loaded.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock():
            served = self._served()
            if not served:
                raise RegistryError("nothing to roll back: no model was promoted, the prior serves")
            if len(served) > 1:
                self.load(served[-2])
            self._point(served[:-1])
        return served[-2] if len(served) > 1 else PRIOR_VERSION

    def shadow(self) -> Version | None:
        """The version that is scored beside the one that serves, and decides nothing.

        Raises RegistryError where it cannot be told.
        """
        path = self.root / _SHADOW
        if not path.exists():
            return None
        try:
            name = json.loads(path.read_text("utf-8"))["shadow"]
            if name is not None and name != PRIOR_VERSION and not _NAME.fullmatch(name):
                raise ValueError("not a version")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RegistryError(f"{path} cannot be read ({error}); remove it") from error
        return None if name is None else Version(name)

    def cast_shadow(self, version: Version | None) -> None:
        """Score a version, or the prior, beside the one that serves from now on; None ends that.

        It is loaded first, and refused if it cannot be.
        """
        if version is not None and version != PRIOR_VERSION:
            self.load(version)
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock():
            self._write(self.root / _SHADOW, {"shadow": version})

    def load_serving(self, as_of: float = math.inf) -> Serving:
        """The model that serves, or the last good one before it, or the prior.

        A model made after the moment `as_of` is passed over: a replay must not know what it
        learned. Never raises for a damaged model: what was passed over stands in `problems`.
        """
        problems: list[str] = []
        try:
            served = self._served()
        except RegistryError as error:
            return Serving(None, (str(error),))
        for version in dict.fromkeys(reversed(served)):
            try:
                loaded = self.load(version)
                if loaded.manifest.created <= as_of:
                    return Serving(loaded, tuple(problems))
                problems.append(f"{version} does not serve: it was made after this moment")
            except RegistryError as error:
                problems.append(f"{version} does not serve: {error}")
        return Serving(None, tuple(problems))

    def _folder(self, version: str) -> Path:
        if not _NAME.fullmatch(version) or not (self.root / version).is_dir():
            known = ", ".join(self.versions()) or "none yet"
            raise RegistryError(f"there is no model {version!r}; known: {known}")
        return self.root / version

    def _served(self) -> tuple[Version, ...]:
        path = self.root / _POINTER
        if not path.exists():
            return ()
        try:
            names = json.loads(path.read_text("utf-8"))["served"]
            if not all(_NAME.fullmatch(name) for name in names):
                raise ValueError("not a list of versions")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RegistryError(
                f"{path} cannot be read ({error}); remove it and promote a version"
            ) from error
        return tuple(Version(name) for name in names)

    def _point(self, served: tuple[Version, ...]) -> None:
        self._write(self.root / _POINTER, {"served": served})

    def _write(self, path: Path, told: Mapping[str, Any]) -> None:
        draft = path.with_suffix(f".{os.getpid()}")
        artifacts.write_durably(draft, json.dumps(told) + "\n")
        draft.replace(path)

    def _lock(self) -> FileLock:
        return FileLock(self.root / ".lock")
