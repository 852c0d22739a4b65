"""How long each kind of data is kept, and why; the night makes what is older go.

What training has distilled stays: labels, times, figures and the features of a slate are numbers
without words. Models and indexes know items alone. The cache of embeddings in `settings.home` has
vectors under digests of texts, those of messages too, and may be emptied at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.policy.purposes import OPENERS, PURPOSES
from bot.settings import RetentionSettings
from bot.store import expiring
from bot.store.database import Store
from bot.store.expiring import Old


@dataclass(frozen=True, slots=True)
class Kept:
    """One class of data: its name is that of the setting that may shorten its days."""

    name: str
    what: str
    why: str
    old: Old


def _signals() -> tuple[Kept, ...]:
    return tuple(
        Kept(p.name, "signals under this purpose, with their words", p.sentence,
             expiring.signals(p.name))
        for p in PURPOSES
        if p.name != OPENERS
    )  # fmt: skip


KEPT: tuple[Kept, ...] = (
    *_signals(),
    Kept("openers", "the words of openers and their reasons",
         "members look back at them, and ask why", expiring.OPENERS),
    Kept("turns", "what was said in conversations",
         "an answer goes on from what was said before", expiring.TURNS),
    Kept("proposals", "what we asked back before changing or keeping something for a member",
         "a yes is answered to what was asked", expiring.PROPOSALS),
    Kept("reviews", "openers that a person looked at, as they were and as they became",
         "edits are examples of style", expiring.REVIEWS),
    Kept("outbox", "the content of messages that have left or never will",
         "a press on a message redraws it", expiring.OUTBOX),
    Kept("inbox", "rows that are done, and those that were set aside",
         "a repetition is known by its key", expiring.INBOX),
    Kept("corrections", "edits and deletions that came before their message",
         "the message may still come", expiring.CORRECTIONS),
    Kept("shelf", "items that waited on a home tab", "they are shown for some days",
         expiring.SHELF),
    Kept("decision_inputs", "what decisions were made from",
         "a decision can be made again, and checked", expiring.INPUTS),
    Kept("curations", "what items said before a curator changed them",
         "a change can be taken back", expiring.CURATIONS),
    Kept("job_runs", "which job ran when", "a job runs once for its time", expiring.JOB_RUNS),
)  # fmt: skip
"""THE table of retention. Audit entries, consents and outcomes are kept: they are the proof."""


@dataclass(frozen=True)
class Retention:
    """Makes what is too old go, in one workspace."""

    store: Store
    workspace: str
    settings: RetentionSettings

    def days(self, kept: Kept) -> int:
        days: int = getattr(self.settings, kept.name)
        return days

    def due(self, now: datetime) -> Mapping[str, int]:
        """How many rows of each class are too old at `now`; nothing is changed."""
        with self.store.reading(self.workspace) as unit:
            return {kept.name: kept.old.count(unit, self._before(kept, now)) for kept in KEPT}

    def run(self, now: datetime) -> Mapping[str, int]:
        """Let them go; returns how many of each class did."""
        gone = {}
        for kept in KEPT:  # one transaction each, so that nobody waits for all of them
            with self.store.writing(self.workspace) as unit:
                gone[kept.name] = kept.old.end(unit, self._before(kept, now))
                unit.commit()
        expiring.scrub(self.store)
        return gone

    def _before(self, kept: Kept, now: datetime) -> datetime:
        return now - timedelta(days=self.days(kept))
