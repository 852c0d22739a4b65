"""Answers of models that think aloud first: what they thought is nobody's answer.

Servers tell it in a field of its own, which nobody here reads, or leave it in the content between
`<think>` and `</think>`, where a prompt that ends with the first of them leaves the second alone.
"""

from __future__ import annotations

from bot.ports import ModelError

BEGINS, ENDS = "<think>", "</think>"


class OnlyThoughtError(ModelError):
    """The answer's room was used up before anything was said."""

    def __init__(self) -> None:
        super().__init__("the model was cut off while it thought", "cut_off")


def said_in(content: str) -> str:
    """The words of an answer without what was thought before them."""
    _, end, after = content.rpartition(ENDS)
    if end:
        return after
    return "" if content.lstrip().startswith(BEGINS) else content


class Aloud:
    """The same for an answer that comes piece by piece."""

    def __init__(self) -> None:
        self._held = ""
        self._thinks: bool | None = None
        """None while too little has come to know"""

    def said(self, piece: str) -> str:
        """What of all that came by now is said and was not told yet.

        Raises ModelError where what was told turns out to have been thought.
        """
        self._held += piece
        if self._thinks is None:
            begun = self._held.lstrip()
            if len(begun) < len(BEGINS) and BEGINS.startswith(begun):
                return ""
            self._thinks, self._held = begun.startswith(BEGINS), begun
        if self._thinks:
            _, end, rest = self._held.partition(ENDS)
            if not end:
                return ""
            self._held, self._thinks = rest.lstrip(), None
            return self.said("") if self._held else ""
        if ENDS in self._held:
            raise ModelError("the model told what it thought", "wrong_shape")
        kept = _begun_tag(self._held)
        told = self._held[: len(self._held) - kept]
        self._held = self._held[len(self._held) - kept :]
        return told

    def rest(self) -> str:
        """What is left to tell when nothing more comes."""
        return "" if self._thinks else self._held


def _begun_tag(text: str) -> int:
    """How many characters at the end may be the beginning of `</think>`."""
    return next((n for n in range(len(ENDS) - 1, 0, -1) if text.endswith(ENDS[:n])), 0)
