"""What a reply wants, from its words alone (English); the rules are beside it.

What somebody wants done is in `bot.openers.wordings`, how they take what they were told in
`bot.openers.reactions`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.openers import reactions, wordings
from bot.openers.abroad import meant_abroad
from bot.openers.steering import read_steering
from bot.openers.when import read_when
from bot.text import plain, word_count


class Intent(StrEnum):
    """What a reply wants done."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    STOP = "stop"
    PAUSE = "pause"
    PERSON = "person"
    WHY = "why"
    THANKS = "thanks"
    FRUSTRATED = "frustrated"
    STEER = "steer"
    REMIND = "remind"
    GOAL = "goal"
    SAVE = "save"
    QUESTION = "question"
    OTHER = "other"


_FIRST = (
    (Intent.STOP, wordings.STOP),
    (Intent.PAUSE, wordings.PAUSE),
    (Intent.PERSON, wordings.PERSON),
    (Intent.SAVE, wordings.SAVE),
    (Intent.WHY, wordings.WHY),
)
_THEN = (
    (Intent.THANKS, reactions.THANKS),
    (Intent.LATER, reactions.LATER),
    (Intent.NO, reactions.NO),
    (Intent.YES, reactions.YES),
)
_HEADS = ((Intent.NO, reactions.HEADS_NO), (Intent.YES, reactions.HEADS_YES))
_UNASKED = frozenset({Intent.STOP, Intent.PAUSE, Intent.THANKS, Intent.NO})
"""what no question means: "can I pause the build?" asks for no silence"""
_SHORT = 8
"""words above which thanks are no whole reply any more"""
_BRIEF = 6
"""words up to which the first one says what a reply is"""
_SPELLED = ("later", "pause", "person", "thanks", "unsubscribe", "stop", "nope")
_SHORT_WORDS = ("yes", "yeah", "sure", "okay", "nope", "nah", "more", "why", "stop", "later")
_MISSPELLED = ("remind", "tomorrow", "message", "unsubscribe", "please", "working", "interested")
_SKIN = "(?::skin-tone-[2-6]:|[\U0001f3fb-\U0001f3ff])?"
_EMOJI = (
    (
        re.compile(
            rf"(?::(?:\+1|thumbsup|ok_hand|white_check_mark|heavy_check_mark):|👍|👌){_SKIN}"
        ),
        "👍",
    ),
    (re.compile(rf"(?::(?:-1|thumbsdown|x):|👎){_SKIN}"), "👎"),
    (re.compile(rf"(?::(?:pray|raised_hands|clap|heart|100):|🙏|🙌|👏){_SKIN}"), "🙏"),
)
"""as Slack writes them in a message's text, and as other channels do"""
_WRITTEN_OUT = (
    (re.compile(r"\b(?:pls|plz|plz+)\b"), "please"),
    (re.compile(r"\b(do|does|did|is|was|wo|ca|have|has|should|would)nt\b"), r"\1n't"),
    (re.compile(r"\bim\b"), "i'm"),
    (re.compile(r"\bive\b"), "i've"),
    (re.compile(r"\bthats\b"), "that's"),
    (re.compile(r"\bu\b"), "you"),
    (re.compile(r"\bl8r\b"), "later"),
    (re.compile(r"\b(?:atm|rn)\b"), "at the moment"),
    (re.compile(r"\b(?:thn?x|thanx|thn?ks|tks|thankyou|thank u|tyvm)\b"), "thanks"),
    (re.compile(r"\bits (?=not|still|broken|wrong|failing)"), "it's "),
)
_OF_US = re.compile(
    r"(?:please )?(?:(?:can|could|would|will) (?:you|we)\b|how (?:do|can) i (?:unsubscribe|opt out"
    r"|turn you off|get rid of you|make you stop))"
)
_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_ANY_ZONE = ZoneInfo("UTC")


def intent_of(reply: str) -> Intent:
    """The one intent of a reply; `Intent.OTHER` for talk that asks nothing."""
    text = plain(reply, 1000).casefold().replace("’", "'")
    for pattern, sign in _EMOJI:
        text = pattern.sub(sign, text)
    if (abroad := meant_abroad(text)) is not None:
        return Intent(abroad)
    asks = text.rstrip().endswith(("?", "?)", "？"))
    text = _spelled(text)
    if not text:
        return Intent.QUESTION if asks else Intent.OTHER
    if _fires(wordings.REMIND, text) and read_when(text, _ANY_DAY, _ANY_ZONE) is not None:
        return Intent.REMIND
    if _wants_change(text) and (not asks or _asked_of_us(text)):
        return Intent.STEER
    for intent, rules in _FIRST:
        if _fires(rules, text) and not (asks and intent in _UNASKED and not _asked_of_us(text)):
            ends = intent is Intent.STOP and wordings.FOR_A_WHILE.search(text)
            return Intent.PAUSE if ends else intent
    if not asks and not _thanks(text) and _fires(reactions.FRUSTRATED, text):
        return Intent.FRUSTRATED
    if _fires(reactions.FRUSTRATED_ASKS, text):
        return Intent.FRUSTRATED
    for intent, rules in _THEN:
        if intent is Intent.THANKS and (not _thanks(text) or _fires(reactions.NO, text)):
            continue  # "thanks, but it isn't for me"
        if _fires(rules, text) and not (asks and intent in _UNASKED):
            return intent
    if not asks and _fires(wordings.GOAL, text):
        return Intent.GOAL
    if not asks and word_count(text) <= _BRIEF:
        for intent, rules in _HEADS:
            if _fires(rules, text):
                return intent
    if asks or wordings.ASKS.search(text):
        return Intent.QUESTION
    return Intent.OTHER


def _spelled(text: str) -> str:
    """Without marks at the end and greetings at the beginning, short forms written out."""
    text = re.sub(r"[\s.!?…,;:)]+$", "", text)
    text = re.sub(r"[.!…]+ ", ", ", text)
    text = re.sub(r"^(?:hi|hello|hey|well|oh|um|hm+|ugh+)[, ]+", "", text)
    for pattern, written in _WRITTEN_OUT:
        text = pattern.sub(written, text)
    if text.isalpha() and len(text) > 2:  # one word, and perhaps mistyped
        swapped = (word for word in _SHORT_WORDS if _is_swapped(text, word))
        near = get_close_matches(text, _SPELLED, 1, 0.74) if len(text) > 3 else ()
        return next(iter((*near, *swapped)), text)
    return re.sub(r"\b[a-z]{5,12}\b", _nearly, text)


def _is_swapped(typed: str, word: str) -> bool:
    """Whether two letters of a word, beside each other, changed places."""
    return typed != word and any(
        typed == word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)
    )


def _nearly(word: re.Match[str]) -> str:
    """The word that a mistyped one was meant to be, among those that matter here."""
    found = get_close_matches(word[0], _MISSPELLED, 1, 0.9)
    mistyped = found and abs(len(found[0]) - len(word[0])) == 1 and word[0] != found[0] + "s"
    return found[0] if mistyped else word[0]


def _wants_change(text: str) -> bool:
    """Whether it steers, and neither asks nor forbids everything."""
    if re.match(
        r"(?:please )?(?:tell|show) me (?:a (?:bit|little) )?more\b(?! (?:things|often))", text
    ):
        return False
    asks = wordings.ASKS.search(text) and not _asked_of_us(text)
    return bool(read_steering(text)) and not asks


def _asked_of_us(text: str) -> bool:
    """A request in the form of a question: "could you pause for a week?"."""
    return _OF_US.match(text) is not None and word_count(text) <= 12


def _thanks(text: str) -> bool:
    return word_count(text) <= _SHORT and _fires(reactions.THANKS, text)


def _fires(rules: wordings.Rules, text: str) -> bool:
    # A whole-reply rule ends in `$`, so that `match` holds it to all of the text.
    return any(
        rule.match(text) if rule.pattern.endswith(")$") else rule.search(text) for rule in rules
    )
