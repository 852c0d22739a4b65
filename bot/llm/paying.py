"""A language model whose calls cost something: priced, kept by day, and ended at a ceiling."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import cached_property

from bot.llm.lengths import estimated
from bot.ports import Answer, Clock, LanguageModel, ModelError, Prompt, Usage
from bot.settings import ModelSettings
from bot.store.database import Store
from bot.store.ledger import Ledger
from bot.store.spending import Spendings


def priced(usage: Usage, settings: ModelSettings) -> Usage:
    """The usage with its price, rounded to a millionth of the currency."""
    read = usage.prompt_tokens * settings.prompt_price
    written = usage.completion_tokens * settings.completion_price
    return replace(usage, micros=round(read + written))


@dataclass
class _Unkept:
    """What was spent by somebody who writes nothing down."""

    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class PaidModel:
    """A language model for one workspace, with what its calls took kept by UTC day.

    Before each call the most that it may take is held against what is left of the day, so that
    calls one after the other stay below the ceiling; of calls at the same time, all but one may
    go beyond it. With `keeps` off nothing is written, and the ceiling holds all the same.
    """

    inner: LanguageModel
    settings: ModelSettings
    store: Store
    workspace: str
    clock: Clock
    keeps: bool = True
    _unkept: _Unkept = field(default_factory=_Unkept)

    @property
    def name(self) -> str:
        return self.inner.name

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        """As the model does; raises ModelError with the reason ``ceiling`` beyond it."""
        with self._paying(prompt):
            found, usage = self.inner.complete(prompt, answer, deadline=deadline)
        usage = priced(usage, self.settings)
        self._note(prompt, usage)
        return found, usage

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        """The same, piece by piece; where nobody listens to the end, it is estimated."""
        heard: list[str] = []
        try:
            with self._paying(prompt):
                usage = yield from _noting(self.inner.stream(prompt, deadline=deadline), heard)
        except GeneratorExit:
            asked = (message["content"] for message in prompt.messages)
            spent = Usage(estimated(*asked), estimated("".join(heard)), estimated=True)
            self._note(prompt, priced(spent, self.settings))
            raise
        usage = priced(usage, self.settings)
        self._note(prompt, usage)
        return usage

    @contextmanager
    def _paying(self, prompt: Prompt) -> Iterator[None]:
        """Refuse what may be too much, and keep what a failure cost."""
        self._refuse_beyond_ceiling(prompt)
        try:
            yield
        except ModelError as error:
            error.usage = priced(error.usage, self.settings)
            if error.usage.tokens:
                self._note(prompt, error.usage)
            raise

    def _refuse_beyond_ceiling(self, prompt: Prompt) -> None:
        with self.store.reading(self.workspace) as unit:
            spent = Spendings(unit).of(self._day()) + self._unkept.usage
        asked = estimated(*(message["content"] for message in prompt.messages))
        most = spent + priced(Usage(asked, prompt.max_tokens), self.settings)
        cost = self.settings.daily_cost
        if most.tokens > self.settings.daily_tokens or (cost is not None and most.cost > cost):
            raise ModelError(
                "the day's spending on the language model is used up; see model.daily_tokens and "
                "model.daily_cost",
                "ceiling",
            )

    def _note(self, prompt: Prompt, usage: Usage) -> None:
        if not self.keeps:
            self._unkept.usage += usage
            return
        day, purpose = self._day(), prompt.ref.partition("/")[0]
        self._ledger.write(lambda unit: Spendings(unit).add(day, purpose, usage))

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.store, self.workspace)

    def _day(self) -> str:
        return self.clock.now().astimezone(UTC).date().isoformat()


def _noting(pieces: Generator[str, None, Usage], heard: list[str]) -> Generator[str, None, Usage]:
    while True:
        try:
            piece = next(pieces)
        except StopIteration as end:
            usage: Usage = end.value
            return usage
        heard.append(piece)
        try:
            yield piece
        except GeneratorExit:
            pieces.close()
            raise
