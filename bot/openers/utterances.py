"""How well replies are understood: labelled utterances, and the share of them that is got right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.openers.intents import Intent
from bot.ports import BadInput

Utterance = tuple[Intent, str]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of each intent, how many there were and how many were right."""

    asked: Counter[str]
    right: Counter[str]
    wrong: tuple[tuple[str, str, str], ...]
    """(text, what it is, what it was taken for)"""

    @property
    def share(self) -> float:
        return self.right.total() / max(self.asked.total(), 1)

    def of(self, intent: Intent) -> float:
        return self.right[intent.value] / max(self.asked[intent.value], 1)


def read_utterances(path: Path) -> tuple[Utterance, ...]:
    """Lines of ``intent<TAB>text``.

    Raises:
        BadInput: a line is not that; names it.
    """
    found, names = [], {intent.value for intent in Intent}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, tab, text = line.partition("\t")
        if not tab or name not in names or not text.strip():
            raise BadInput(f"{path}:{number}: should be an intent, a tab and an utterance.")
        found.append((Intent(name), text))
    return tuple(found)


def measure(utterances: Sequence[Utterance], understand: Callable[[str], Intent]) -> Accuracy:
    """Understand each, and count."""
    asked, right, wrong = Counter[str](), Counter[str](), []
    for intent, text in utterances:
        found = understand(text)
        asked[intent.value] += 1
        right[intent.value] += found is intent
        if found is not intent:
            wrong.append((text, intent.value, found.value))
    return Accuracy(asked, right, tuple(wrong))
