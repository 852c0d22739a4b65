"""Your own workspace: the last days of a Slack export, rehearsed; nothing is sent or kept."""

from __future__ import annotations

import re
import threading
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from bot.demo.stage import Stage
from bot.emulator.extension import AskError, Given
from bot.policy.words import in_words
from bot.ports import BadInput, Progress
from bot.rehearsal import Rehearsal
from bot.rehearsal_findings import SAID, Choice, Findings
from recsys.encoder import Encoder
from recsys.encoder import Progress as Batches
from recsys.types import Floats

DAYS = 5
MOST = 10


class Reader(Encoder):
    """An encoder without a cache on disk, which tells of every batch: most of the time is here."""

    def __init__(self, model: str | None, tell: Progress) -> None:
        super().__init__(model)
        self._tell = tell

    def encode(self, texts: Sequence[str], progress: Batches | None = None) -> Floats:
        """As `Encoder.encode`; also raises what the telling raises, between two batches."""
        return super().encode(
            texts, lambda done, total: self._tell("Reading messages", done, total)
        )


class Halted(AskError):
    """Somebody wanted no more of a rehearsal."""


@dataclass(frozen=True)
class Export:
    """Rehearses what somebody drops on the page."""

    stage: Stage
    stopping: threading.Event = field(default_factory=threading.Event)
    """set when the demo is closed: a rehearsal ends then at its next step"""
    halting: threading.Event = field(default_factory=threading.Event)
    """set when whoever dropped the file has seen enough"""

    def rehearse(self, given: Given) -> Mapping[str, Any]:
        """The last working days of the export. Raises AskError for what is no export."""
        if not given.file:
            raise AskError("Drop the .zip file that Slack made of your workspace.")
        last = last_day(given.file)
        first = last - timedelta(days=DAYS - 1)
        with TemporaryDirectory(prefix="overture-export-") as folder:
            file = Path(folder) / "export.zip"
            file.write_bytes(given.file)
            settings = self.stage.app.settings
            encoder = Reader(settings.recommender.encoder, self._tell)
            rehearsal = Rehearsal(file, first, last, settings, encoder, skip_bad=True)
            found = None
            self.halting.clear()
            try:
                with closing(rehearsal.so_far(self._tell)) as days:
                    for found in days:
                        told = _findings(found, given.file_name, rehearsal)
                        self.stage.emulator.publish("rehearsed", told)
            except BadInput as error:
                raise AskError(str(error).replace(str(file), given.file_name)) from None
            except Halted:
                if found is None:
                    raise
        if found is None:  # it has a day at least
            raise AskError("No day of it could be rehearsed.")
        return _findings(found, given.file_name, rehearsal)

    def halt(self, given: Given) -> Mapping[str, Any]:
        """End the rehearsal at its next step; what it came to by then is told."""
        self.halting.set()
        return {}

    def _tell(self, what: str, done: int, total: int) -> None:
        if self.stopping.is_set():
            raise AskError("The demo is being closed. Nothing of the export is kept.")
        if self.halting.is_set():
            raise Halted("Stopped before its first day was over. Nothing of the export is kept.")
        self.stage.emulator.publish("rehearsal", how_far(what, done, total))


def _findings(found: Findings, file: str, rehearsal: Rehearsal) -> dict[str, Any]:
    return {
        "file": file,
        "from": rehearsal.first.isoformat(),
        "to": found.days[-1].day.isoformat(),
        "days": len(found.days),
        "of": DAYS,
        "openers": [_told(one) for one in found.openers[:MOST]],
        "count": len(found.openers),
        "silences": [
            {"words": in_words(reason), "count": count} for reason, count in found.silences.items()
        ],
        "went": found.went(SAID, rehearsal.settings.recommender.seed),
        "within_reach": found.within_reach,
    }


def how_far(what: str, done: int, total: int) -> dict[str, Any]:
    """The step in words, and the share that is done: of all days, once they begin."""
    share = done / total if total else 0.0
    day = re.match(r"Day (\d+) of (\d+)", what)
    if day is None:
        return {"text": what, "fraction": share}
    words = what if done else f"{what}: learning from the nights before"
    return {"text": words, "fraction": (int(day[1]) - 1 + share) / int(day[2])}


def last_day(data: bytes) -> date:
    """The last day of which a channel of the export has messages. Raises AskError."""
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except (zipfile.BadZipFile, OSError):
        raise AskError("This is no .zip file. Slack's export is one.") from None
    days = []
    for name in names:
        try:
            days.append(date.fromisoformat(PurePosixPath(name).stem))
        except ValueError:
            continue
    if not days:
        raise AskError("No channel of this file has messages by day, so it is no Slack export.")
    return max(days)


def _told(one: Choice) -> dict[str, Any]:
    return {
        "name": one.name,
        "at": f"{one.at:%A}, {one.at.day} {one.at:%B, %H:%M} UTC",
        "text": one.text,
        "title": one.title,
        "why": one.why,
        "engages": one.engages,
        "went": one.went,
    }
