"""What a scenario came to, counted in the emulator's journal, and the table of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

ROUNDS = int(os.environ.get("CHAOS", "200"))
"""random kills of a run: `make chaos N=…`"""
PROPERTY = "chaos"


@dataclass(frozen=True)
class Tally:
    """Counts over all messages of a scenario.

    `once`: committed once, and the row says so. `doubled`: committed more than once. `lost`: the
    row says that it was sent and it was not, or it is still on its way when nothing is left to
    do, or it is gone. `kept_back`: withdrawn, expired or refused, and indeed never committed.
    """

    faults: int = 0
    once: int = 0
    doubled: int = 0
    lost: int = 0
    unresolved: int = 0
    kept_back: int = 0

    @property
    def harmless(self) -> bool:
        return self.doubled == self.lost == 0


class Figures:
    """Notes the tallies of one test, so that the end of the run can print them."""

    def __init__(self, properties: list[tuple[str, object]], database: str = "") -> None:
        self._properties = properties
        self._database = f", {database}" if database else ""

    def note(self, scenario: str, tally: Tally) -> Tally:
        noted = {"scenario": scenario + self._database, **asdict(tally)}
        self._properties.append((PROPERTY, noted))
        return tally

    def control(self, without: str, tally: Tally) -> Tally:
        """The same with the mechanism switched off: it must have done harm."""
        return self.note(f"  control, without {without}", tally)


def table(reports: Iterable[Any]) -> list[str]:
    """Lines of the table, for reports of tests that noted something."""
    noted = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY
    ]
    if not noted:
        return []
    names = [field.name for field in fields(Tally)]
    width = max(len(str(one["scenario"])) for one in noted)
    head = " ".join(name.replace("_", " ").rjust(10) for name in names)
    lines = [f"{'scenario':{width}} {head}"]
    for one in noted:
        counts = " ".join(str(one[name]).rjust(10) for name in names)
        lines.append(f"{one['scenario']:{width}} {counts}")
    return lines


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Called by pytest, in the one process that sees the reports of all."""
    reports = [r for state in ("passed", "failed") for r in terminalreporter.stats.get(state, ())]
    if lines := table(r for r in reports if r.when == "call"):
        terminalreporter.section("chaos: what broke, and what arrived")
        for line in lines:
            terminalreporter.write_line(line)
