"""An opener for one brief: by the model where there is one, by a template otherwise.

The model may withhold; it can never cause a message that the guards refuse. It gets one repair,
then a template serves, which has to pass the same guards.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, Field

from bot.openers.brief import Brief, Composed, Withheld
from bot.openers.guards import MODEL_GUARDS, OpenerFacts, Violation, check
from bot.openers.languages import ENGLISH, LANGUAGES
from bot.openers.prompts import Library
from bot.openers.styles import OFFER
from bot.openers.templates import FEWEST_WORDS, Templates
from bot.ports import LanguageModel, ModelError, Prompt, Usage
from bot.text import word_count

_FIRST_SHARE = 0.6
"""Part of the deadline that the first answer may take; the repair gets the rest."""

REASONS = {
    "too_short": f"fewer than {FEWEST_WORDS} words",
    "too_long": "more than 45 words",
    "no_question_or_offer": "neither a question nor an offer at the end",
    "more_than_one_question_or_offer": "more than one question or offer",
    "number_not_in_item": "a number that the item does not contain",
    "date_not_in_item": "a day, a date or a word such as yesterday that the item does not have",
    "name_not_in_item": "a name or capitalised word that the item does not contain",
    "mention": "a mention of a person, group or channel",
    "link": "a link or an address",
    "invisible_character": "characters that cannot be seen",
    "formatting": "formatting or line breaks",
    "demand": "an instruction to the reader; quote it from the item, or leave it out",
    "urgency": "words that hurry the reader",
    "guilt": "words that blame or press the reader",
    "flattery": "praise of the reader",
    "selling": "words of advertising",
    "shouting": "exclamation marks or capitals that shout",
    "claim_about_others": "a claim about somebody else that the item does not make",
    "claim_about_reader": "a claim about how the reader is or feels",
    "other_language": "another language than the one that was asked for",
    "not_formal": "words that are too casual for a formal tone",
    "not_plain": "ornament, where the tone is to be plain",
}


_NAMED = frozenset(REASONS) - {"too_short", "too_long", "mention", "invisible_character"}
"""Reasons whose finding helps the model to mend it."""


TONES = {
    "plain": "plain and matter-of-fact, without greetings, wishes or ornament",
    "warm": "warm and plain, as among colleagues",
    "formal": "courteous and formal, in full forms and without colloquial words",
}
"""The tones of `bot.wording.Tone`, as a model is told them."""


class OpenerAnswer(BaseModel):
    """What the model answers with."""

    text: str = Field("", description="the message, empty when withheld")
    withhold: bool = Field(False, description="true when nothing should be said")
    reason: str = Field("", description="why it is withheld, in a few words")


class Composer:
    """Turns a brief into an opener, or says why nothing is said."""

    def __init__(
        self,
        library: Library,
        templates: Templates,
        model: LanguageModel | None,
        deadline: float,
    ) -> None:
        """Args: deadline: seconds for all that the model does for one opener."""
        self._library = library
        self._templates = templates
        self._model = model
        self._deadline = deadline

    def compose(self, brief: Brief) -> Composed | Withheld:
        """One opener about the brief's item, grounded in it.

        Never raises for what a model does or fails to do.
        """
        brief = brief.cleaned()
        if self._model is None:
            return self._by_template(brief, "", (), Usage())
        if f"opener/{brief.style}" not in self._library.ids("opener"):
            brief = replace(brief, style=OFFER)
        usage, refused = Usage(), tuple[Violation, ...]()
        prompt = self._prompt(brief)
        facts = OpenerFacts.of(brief)
        try:
            for share in (_FIRST_SHARE, 1 - _FIRST_SHARE):
                answer, spent = self._model.complete(
                    prompt, OpenerAnswer, deadline=share * self._deadline
                )
                usage += spent
                if answer.withhold:
                    return Withheld("composer_abstained", usage)
                text = " ".join(answer.text.split())
                found = judge(text, facts)
                if not found:
                    return Composed(
                        text,
                        prompt.ref,
                        self._model.name,
                        brief.style,
                        repaired=bool(refused),
                        violations=_reasons(refused),
                        usage=usage,
                    )
                refused = (*refused, *found)
                prompt = self._repair(prompt, text, found)
        except ModelError as error:
            fallback = "ceiling" if error.reason == "ceiling" else "model_failed"
            return self._by_template(brief, fallback, _reasons(refused), usage + error.usage)
        return self._by_template(brief, "guards", _reasons(refused), usage)

    def _prompt(self, brief: Brief) -> Prompt:
        item = brief.item
        return self._library.render(
            f"opener/{brief.style}",
            first_name=brief.member_first_name,
            title=item.title,
            summary=item.summary,
            text=item.text,
            topics=", ".join(item.topics),
            channel=item.channel_name,
            author=item.author_name,
            why=brief.why,
            tone=TONES[brief.tone],
            language=LANGUAGES.get(brief.language, ENGLISH).name,
            examples=brief.examples,
        )

    def _repair(self, first: Prompt, draft: str, found: tuple[Violation, ...]) -> Prompt:
        problems = [(REASONS[it.reason], it.found if it.reason in _NAMED else "") for it in found]
        repair = self._library.render("repair/opener", draft=draft, problems=problems[:8])
        messages = (*first.messages, *({**it, "role": "user"} for it in repair.messages))
        return Prompt(first.ref, messages, repair.max_tokens, repair.temperature)

    def _by_template(
        self, brief: Brief, fallback: str, violations: tuple[str, ...], usage: Usage
    ) -> Composed | Withheld:
        found = self._templates.compose(brief)
        if found is None:
            return Withheld("ungrounded", usage)
        text, template = found
        return Composed(
            text,
            template.ref,
            "template",
            template.style,
            fallback=fallback,
            violations=violations,
            usage=usage,
        )


def judge(text: str, facts: OpenerFacts) -> tuple[Violation, ...]:
    """The guards, and the fewest words that an opener of the model has to have."""
    found = check(text, facts, MODEL_GUARDS)
    if word_count(text) < FEWEST_WORDS and not any(it.reason == "too_short" for it in found):
        found = (Violation("length", "too_short", str(word_count(text))), *found)
    return found


def _reasons(found: tuple[Violation, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(it.reason for it in found))
