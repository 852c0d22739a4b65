"""An answer to a reply: grounded in the item, by the model or by the item's own sentences.

What a member wants done (no, later, stop, a person, why, thanks) is decided by rules before any
model is asked: whether we stay silent is never a model's choice. The caller acts on `intent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.openers.brief import Answered, Brief, Source, Turns
from bot.openers.cleaning import speakable
from bot.openers.guards import OpenerFacts, check, no_escapes, no_foreign_links, no_mentions
from bot.openers.intents import Intent, intent_of
from bot.openers.passages import best_passage, opening, tokens
from bot.openers.prompts import Library
from bot.openers.releasing import Releasing, Say
from bot.openers.soothing import Upset, asked_before, unsaid_steps, upset_of
from bot.ports import LanguageModel, Usage
from bot.text import INNER_QUOTES, plain, truncate_words, word_count

MOST_WORDS = 90
_PASSAGE_WORDS, _INTRODUCTION_WORDS = 50, 5
_TALK_COVERAGE = 0.75
_TEMPLATE = "template"
_NO_USAGE = Usage()

_SAFE = (no_mentions, no_foreign_links, no_escapes)
"""What the item's own sentences still have to pass; the item is their ground by definition."""

_INTRODUCED: Mapping[Source, str] = MappingProxyType(
    {"summary": "In its own words:", "passage": "Here is what it says:"}
)
"""Whose words they are is always said: what an item tells its readers, we do not tell them."""

_ACTS: Mapping[Intent, str] = MappingProxyType(
    {
        Intent.NO: "responses/no",
        Intent.LATER: "responses/later",
        Intent.STOP: "responses/stop",
        Intent.PERSON: "responses/person",
        Intent.WHY: "responses/why",
        Intent.THANKS: "responses/thanks",
        Intent.SAVE: "responses/save",
    }
)
_ENDS: Mapping[str, str] = MappingProxyType(
    {"guards": "responses/rest", "model_failed": "responses/unfinished"}
)
"""What an answer ends with that could not be said to its end."""


def nobody(words: str) -> None:
    """For callers whose channel shows an answer only once it is whole."""


class Answerer:
    """Answers replies to openers."""

    def __init__(
        self,
        library: Library,
        model: LanguageModel | None,
        deadline: float,
        *,
        has_person: bool = False,
    ) -> None:
        """Args: deadline: seconds for the model; has_person: whether a hand-off has a taker."""
        self._library = library
        self._model = model
        self._deadline = deadline
        self._has_person = has_person

    def answer(
        self,
        brief: Brief,
        history: Turns,
        question: str,
        intent: Intent | None = None,
        say: Say = nobody,
    ) -> Answered:
        """What to say to `question`, the member's newest reply.

        Args:
            history: the conversation before it, oldest first.
            intent: what the reply wants, where that is known; else by the rules.
            say: told of the answer sentence by sentence while a model writes it. What it was
                told is how the answer begins.
        """
        brief = brief.cleaned()
        intent = intent_of(question) if intent is None else intent
        if intent in _ACTS:
            return self.act(intent, brief)
        question = speakable(question, 1000)
        if self._model is None:
            return self._without_model(brief, history, intent, question, "", _NO_USAGE)
        return self._with_model(self._model, brief, history, question, intent, say)

    def act(self, intent: Intent, brief: Brief) -> Answered:
        """What we say where it is known what the member wants done.

        Raises KeyError for an intent that asks for words about the item.
        """
        inputs: dict[str, object] = {}
        if intent is Intent.WHY:
            inputs["why"] = brief.why.rstrip(". ")
        if intent is Intent.PERSON:
            inputs["has_person"] = self._has_person
        return self._said(_ACTS[intent], "intent", intent, "", _NO_USAGE, **inputs)

    def _with_model(
        self,
        model: LanguageModel,
        brief: Brief,
        history: Turns,
        question: str,
        intent: Intent,
        say: Say,
    ) -> Answered:
        turns = [(_speaker(author), speakable(said, 400)) for author, said in history]
        prompt = self._library.render(
            "responses/answer",
            first_name=brief.member_first_name,
            title=brief.item.title,
            summary=brief.item.summary,
            text=brief.item.text,
            history=turns,
            question=question,
            upset=intent is Intent.FRUSTRATED,
        )
        theirs = (said for author, said in turns if author == "member")
        releasing = Releasing(OpenerFacts.of(brief, question, *theirs), say)
        ended = releasing.listen(model.stream(prompt, deadline=self._deadline))
        usage = releasing.usage
        if ended == "unknown":
            return self._unknown(intent, "", usage)
        if not releasing.said:
            return self._without_model(brief, history, intent, question, ended, usage)
        rest = self._library.text(_ENDS[ended]) if ended in _ENDS else ""
        text = f"{releasing.said} {rest}".rstrip()
        fallback = "" if ended == "whole" else ended
        return Answered(text, "model", prompt.ref, model.name, intent.value, fallback, usage)

    def _without_model(
        self,
        brief: Brief,
        history: Turns,
        intent: Intent,
        question: str,
        fallback: str,
        usage: Usage,
    ) -> Answered:
        item = brief.item
        if intent is Intent.FRUSTRATED:
            return self._soothed(brief, history, question, fallback, usage)
        if intent is Intent.YES or (intent is Intent.QUESTION and not tokens(question)):
            most = MOST_WORDS - _INTRODUCTION_WORDS
            text = opening(item.summary, item.text, most)
            text = text or truncate_words(item.summary or item.text or item.title, most)
            return self._quoted(text, "summary", intent, fallback, usage)
        passage = best_passage(f"{item.summary} {item.text}", question, _PASSAGE_WORDS)
        # Talk that asks nothing is answered with the item only when it is nearly its own words.
        enough = _TALK_COVERAGE if intent is Intent.OTHER else 0.0
        if passage is not None and passage.coverage >= enough:
            passage_words = truncate_words(passage.text, MOST_WORDS - _INTRODUCTION_WORDS)
            return self._quoted(passage_words, "passage", intent, fallback, usage)
        if intent is Intent.OTHER:
            return self._said(
                "responses/other", "none", intent, fallback, usage,
                title=item.title, has_person=self._has_person,
            )  # fmt: skip
        return self._unknown(intent, fallback, usage)

    def _soothed(
        self, brief: Brief, history: Turns, words: str, fallback: str, usage: Usage
    ) -> Answered:
        """Empathy, what the item says beside what was said already, and the way to a person."""
        upset = upset_of(words)
        steps: tuple[str, ...] = ()
        if upset is not Upset.WAITING:
            steps = tuple(
                step.translate(INNER_QUOTES)
                for step in map(plain, unsaid_steps(brief.item, history, asked_before(history)))
                if not check(step, OpenerFacts(step), _SAFE)
            )
        return self._said(
            "responses/frustrated",
            "passage" if steps else "none",
            Intent.FRUSTRATED,
            fallback,
            usage,
            upset=upset.value,
            has_item=bool(brief.item.title),
            steps=steps,
            has_person=self._has_person,
        )

    def _quoted(
        self, text: str, source: Source, intent: Intent, fallback: str, usage: Usage
    ) -> Answered:
        """The item's own sentences, marked as such, unless a client could read more into them."""
        text = plain(text)
        if not word_count(text) or check(text, OpenerFacts(text), _SAFE):
            return self._unknown(intent, fallback, usage)
        text = f"{_INTRODUCED[source]} “{text.translate(INNER_QUOTES)}”"
        ref = f"item/{source}@1"
        return Answered(text, source, ref, _TEMPLATE, intent.value, fallback, usage)

    def _unknown(self, intent: Intent, fallback: str, usage: Usage) -> Answered:
        return self._said(
            "responses/unknown", "none", intent, fallback, usage, has_person=self._has_person
        )

    def _said(
        self,
        prompt_id: str,
        source: Source,
        intent: Intent,
        fallback: str,
        usage: Usage,
        **inputs: object,
    ) -> Answered:
        text = self._library.text(prompt_id, **inputs)
        ref = self._library.ref(prompt_id)
        return Answered(text, source, ref, _TEMPLATE, intent.value, fallback, usage)


def _speaker(author: str) -> str:
    return "member" if author == "member" else "overture"
