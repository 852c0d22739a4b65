"""What an import leaves out: refused at once, or listed, as the caller asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.ports import BadInput


class Flaw(Exception):
    """One entry is not what it should be; its text says why, the reader knows where."""


class Unreadable(BadInput):
    """A file is not what it should be, from this line on."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        super().__init__(f"{place(file, line)}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One entry that was not imported."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{place(self.file, self.line)}: {self.reason}"


@dataclass
class Sieve:
    """Where bad entries go: the first one ends the import, or with `skip_bad` all are listed."""

    skip_bad: bool = False
    left_out: list[LeftOut] = field(default_factory=list)

    def refuse(self, file: str, line: int | None, reason: str) -> None:
        """Note a bad entry. Raises BadInput unless bad entries are skipped."""
        bad = LeftOut(file, line, reason)
        if not self.skip_bad:
            raise BadInput(f"{bad}. Mend it, or leave such entries out with --skip-bad.")
        self.left_out.append(bad)


def place(file: str, line: int | None) -> str:
    """How messages name a place in a file."""
    return file if line is None else f"{file}, line {line}"
