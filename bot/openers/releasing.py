"""An answer let go sentence by sentence, each once everything up to it has passed the guards.

What was let go cannot be taken back, so a sentence is judged together with all before it, and one
that is refused ends the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Literal

from bot.openers.guards import ANSWER_GUARDS, OpenerFacts, check
from bot.ports import ModelError, Usage
from bot.text import sentences

Say = Callable[[str], None]
"""Told of words as they may be said; first of none at all, once words are coming."""

UNKNOWN = re.compile(r"\W*unknown\b\W*", re.IGNORECASE)
"""what a model was told to answer where the item does not say"""

End = Literal["whole", "unknown", "guards", "model_failed", "ceiling"]


class Releasing:
    """Listens to a model, and says what may be said."""

    def __init__(self, facts: OpenerFacts, say: Say) -> None:
        self._facts = facts
        self._say = say
        self._heard = ""
        self._done = 0
        self.said = ""
        self.usage = Usage()

    def listen(self, pieces: Generator[str, None, Usage]) -> End:
        """Say the answer as far as it may be said; how that ended."""
        try:
            with closing(pieces):
                while True:
                    piece = next(pieces)
                    if not self._heard:
                        self._say("")
                    self._heard += piece
                    end = self._release(all_of_it=False)
                    if end is not None:
                        return end
        except StopIteration as told:
            self.usage = told.value
        except ModelError as error:
            self.usage = error.usage
            return "ceiling" if error.reason == "ceiling" else "model_failed"
        return self._release(all_of_it=True) or ("whole" if self.said else "unknown")

    def _release(self, *, all_of_it: bool) -> End | None:
        """Say what is complete; None while there is nothing against going on."""
        found = sentences(" ".join(self._heard.split()))
        complete = found if all_of_it else found[:-1]
        held = ""
        pending = complete[self._done :]
        for left, sentence in zip(range(len(pending))[::-1], pending, strict=True):
            held = f"{held} {sentence}".lstrip()
            if not self.said and UNKNOWN.fullmatch(held):
                return "unknown"
            if _is_open(held) and (left or not all_of_it):
                continue  # what is quoted is judged as a whole
            together = f"{self.said} {held}".lstrip()
            if check(together, self._facts, ANSWER_GUARDS):
                return "guards"
            self._say(held if not self.said else f" {held}")
            self._done = len(complete) - left
            self.said, held = together, ""
        return None


def _is_open(text: str) -> bool:
    """Whether a quotation has begun and not ended."""
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1
