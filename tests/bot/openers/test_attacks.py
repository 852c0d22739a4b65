"""Hostile strings through every untrusted input, with models that obey them and models that echo.

What leaves is judged by an oracle of its own, which shares no code with the guards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.openers import compose as composing
from bot.openers.answer import Answerer
from bot.openers.brief import About, Brief, Composed
from bot.openers.bundled import library, templates
from bot.openers.compose import Composer
from bot.openers.guards import OpenerFacts, check
from bot.openers.languages import LANGUAGES
from bot.ports import Answer, Prompt, Usage
from bot.slack import blocks
from bot.slack.arrivals import events
from bot.slack.arrivals.us import Us
from bot.wording import OpenerSettings
from tests.bot.openers.attacks import ATTACKS, Attack
from tests.bot.openers.golden import BRIEF

LIBRARY, TEMPLATES = library(), templates()
GENTLE = {
    "en": "Here is something that may be of use to you. {} I can tell you more about it if you"
    " like.",
    "es": "Aquí hay algo que puede ser útil para ti. {} Puedo contarte más sobre esto si quieres.",
}
_LOOKALIKES = str.maketrans(
    {"о": "o", "е": "e", "а": "a", "х": "x", "с": "c", "ν": "v", "ᴢ": "z", "ƶ": "z", "·": "."}
    | {"ʜ": "h", "ᴛ": "t", "․": ".", "。": ".", "｡": "."}
)
_CALLS = re.compile(r"<\s*[@!#]|@\s*(?:here|channel|everyone|group)|@\w", re.I)
_LEADS = re.compile(
    r"\w+:/{1,3}\S|www\.|zorvex[\w-]*\.\w|[\w-]+\.zorvex|javascript:|mailto:|tel:|\d+(?:\.\d+){3}",
    re.I,
)
_MARKS = re.compile(r"```|\]\s*\(|!\[|<\w[^<>]*>|</|&\w+;|&#|\x1b")
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")


def seen(text: str) -> str:
    """What an eye would take the text for."""
    return unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).translate(_LOOKALIKES)


def escaped(text: str, attack: Attack) -> Iterator[str]:
    """What of an attack came through; nothing when the text is harmless."""
    if any(unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn") for char in text):
        yield "a hidden character"
    read = seen(text)
    for name, pattern in (("call", _CALLS), ("address", _LEADS), ("mark", _MARKS)):
        if found := pattern.search(read):
            yield f"{name} {found[0]!r}"
    ours = " ".join(_QUOTED.sub(" ", read).casefold().split())
    if attack.wish and " ".join(attack.wish.casefold().rstrip(".").split()) in ours:
        yield "the attacker's words as our own"


class Puppet:
    """A model in an attacker's hand: it says one thing, whatever it is asked."""

    name = "puppet"

    def __init__(self, text: str) -> None:
        self._text = text

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        return answer.model_validate({"text": self._text}), Usage()

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        yield self._text
        return Usage()


def _item(**changes: Any) -> Callable[[str], Brief]:
    return lambda text: replace(
        BRIEF, item=replace(BRIEF.item, **{name: make(text) for name, make in changes.items()})
    )


PLACES: dict[str, Callable[[str], Brief]] = {
    "title": _item(title=str),
    "summary": _item(summary=str),
    "text": _item(text=str),
    "topic": _item(topics=lambda text: (text,)),
    "channel": _item(channel_name=str),
    "author": _item(author_name=str),
    "everything": lambda text: replace(
        BRIEF, item=About("thread", text, text, text, None, (text,), text, text)
    ),
    "name": lambda text: replace(BRIEF, member_first_name=text),
    "reason": lambda text: replace(BRIEF, why=text),
    "item, in Spanish": lambda text: replace(
        BRIEF, item=replace(BRIEF.item, title=text, text=text), language="es"
    ),
}


def said_by(attack: Attack, language: str = "en") -> tuple[Puppet | None, ...]:
    """No model, one that echoes, and one that obeys in a friendly voice."""
    return None, Puppet(attack.text), Puppet(GENTLE[language].format(attack.wanted))


def _problems(text: str, attack: Attack, where: str) -> list[str]:
    return [f"{where}: {problem}: {text!r}" for problem in escaped(text, attack)]


@pytest.mark.parametrize("place", PLACES)
def test_no_opener_carries_an_attack(place: str) -> None:
    problems: list[str] = []
    said = 0
    for attack in ATTACKS:
        brief = PLACES[place](attack.text)
        for model in said_by(attack, brief.language):
            result = Composer(LIBRARY, TEMPLATES, model, 1.0).compose(brief)
            if isinstance(result, Composed):
                said += 1
                problems += _problems(result.text, attack, f"{attack.kind} {attack.text!r}")
    assert problems == []
    assert said > len(ATTACKS)  # it is no silence that keeps them out


@pytest.mark.parametrize("place", [*PLACES, "reply", "older turn"])
def test_no_answer_carries_an_attack(place: str) -> None:
    problems: list[str] = []
    for attack in ATTACKS:
        brief = PLACES[place](attack.text) if place in PLACES else BRIEF
        question = attack.text if place == "reply" else "What does an index cost?"
        history = [("member", attack.text), ("overture", attack.text)]
        for model in said_by(attack):
            answered = Answerer(LIBRARY, model, 1.0).answer(
                brief, history if place == "older turn" else [], question
            )
            problems += _problems(answered.text, attack, f"{attack.kind} {attack.text!r}")
    assert problems == []


def test_no_edit_of_a_reviewer_carries_an_attack() -> None:
    """What `bot.conversation.reviews.Reviewer` holds an edited text to."""
    facts = OpenerFacts.of(BRIEF.cleaned())
    problems: list[str] = []
    for attack in ATTACKS:
        for edited in (attack.text, attack.wanted, GENTLE["en"].format(attack.wanted)):
            text = " ".join(edited.split())
            if not check(text, facts):
                problems += _problems(text, attack, "edit")
    assert problems == []


def test_no_status_gets_further_than_whether_it_asks_for_peace() -> None:
    """Neither a status nor a locale has any way into a prompt: of one a moment is kept, of the
    other one of four codes."""
    for attack in ATTACKS:
        profile = {"status_text": attack.text, "status_emoji": attack.text, "real_name": "Ana"}
        user = {"id": "U1", "team_id": "T1", "profile": profile}
        event = {"type": "user_change", "user": user, "event_ts": "1.0"}
        read = events.EVENTS["user_change"](event, Us("T1", "U0", "B0"))
        assert read is not None
        assert attack.text not in str(read)
        assert OpenerSettings().language_of(attack.text) in LANGUAGES


def test_what_slack_gets_escapes_what_it_would_read() -> None:
    for attack in ATTACKS:
        sent = blocks.opener({"text": attack.text, "about": attack.text, "opener": "op_1"})
        assert not re.search(r"<[@!#h]", str([one for one in sent if "mrkdwn" in str(one)]))


def test_the_oracle_sees_every_attack_that_goes_through_bare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: with the guards off, most of them do reach the member."""
    monkeypatch.setattr(composing, "check", lambda *_: ())
    through = 0
    for attack in ATTACKS:
        model = Puppet(GENTLE["en"].format(attack.wanted))
        result = Composer(LIBRARY, TEMPLATES, model, 1.0).compose(BRIEF)
        assert isinstance(result, Composed)
        through += bool(list(escaped(result.text, attack)))
    assert through > 0.8 * len(ATTACKS)


def test_there_are_enough_of_them() -> None:
    assert len({attack.text for attack in ATTACKS}) >= 200
