"""What a short reply wants, from its words alone (English); anything longer is a question or talk.

A rule fires on what a whole reply says, never on a word inside it: "how do I stop the server?"
asks nobody to stop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

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
    QUESTION = "question"
    OTHER = "other"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})$")


_PLEASE = r"(?:,? (?:please|thanks|thank you|for now|now|then|today|overture|bot))*"
_ME = r"(?: to)?(?: me)?"

_STOP = (
    _whole(
        rf"(?:please,? )?(?:stop|quit|unsubscribe|opt(?: me)? out|leave|cancel|go away|shut up)"
        rf"(?: (?:it|this|that|these|me|all|everything|sending|writing|messaging))*{_PLEASE}"
    ),
    re.compile(
        rf"\b(?:stop|quit|cease) (?:messaging|writing|sending|contacting|bothering|pinging)"
        rf"{_ME}\b"
    ),
    re.compile(r"\bleave me alone\b|\bunsubscribe me\b|\bopt me out\b|\bremove me\b"),
    re.compile(
        r"\b(?:don't|do not|never) (?:message|write|contact|send|ping|bother|dm)"
        r" (?:to )?(?:me|any)\b"
    ),
    re.compile(r"\bno more (?:messages|of (?:these|this)|openers)\b|\bi want out\b"),
)
_PAUSE = (
    _whole(
        rf"(?:please,? )?(?:pause|take a break|be (?:quiet|silent))"
        rf"(?: (?:it|this|these|everything|messages|openers))?"
        rf"(?: for (?:a|one|the|this) week| this week)?{_PLEASE}"
    ),
)
_PERSON = (
    _whole(
        rf"(?:an? |some |the )?(?:real |actual |live |other )?(?:person|human|human being|someone"
        rf"|somebody|colleague)(?: else)?{_PLEASE}"
    ),
    re.compile(
        r"\b(?:talk|speak|chat|pass (?:me|this|it)(?: on)?|hand (?:me|this|it) over|connect me"
        r"|put me through|get me|ask|reach) ?(?:to|with)? (?:an? |some )?(?:real |actual )?"
        r"(?:person|human|human being|someone|somebody)\b"
    ),
    re.compile(r"\b(?:is there|who is|who's) (?:a person|someone|somebody|a human|a contact)\b"),
    re.compile(r"\b(?:real|actual) (?:person|human)\b"),
)
_WHY = (
    _whole(r"(?:but |and )?why(?: (?:this|me|now|that))*"),
    re.compile(
        r"^(?:but |and )?why (?:are|did|do|is|was|am) (?:you|i|this)\b.*"
        r"\b(?:me|send|sent|ask|asking|show|showing|tell|telling|get|getting|seeing|message)\b"
    ),
    re.compile(r"\bhow (?:did|do) you know\b|\bwhat made you (?:think|send|pick|write)\b"),
    re.compile(r"^where did you get (?:that|this)\b"),
)
_LATER = (
    _whole(
        rf"(?:sorry,? )?(?:maybe |perhaps |not (?:right )?now,? ?(?:but )?|ask me |remind me )*"
        rf"(?:later|not now|not right now|not yet|some other time|another (?:time|day)|tomorrow"
        rf"|next week|this afternoon|tonight|in a (?:bit|while|minute))"
        rf"(?: (?:today|on|perhaps|maybe|this week|again))*{_PLEASE}"
    ),
    _whole(
        rf"(?:sorry,? )?(?:i'm |i am )?(?:(?:a bit |too |very |really )?busy|in a meeting|swamped)"
        rf"(?: (?:right now|now|at the moment|today|this week))*(?:,? (?:maybe )?later)?{_PLEASE}"
    ),
    re.compile(r"^(?:please )?remind me\b(?!.*\bof\b)"),
    re.compile(r"^i (?:have|'ve) no time\b|^no time\b"),
)
_NO = (
    _whole(
        rf"(?:no|nope|nah|no way|not (?:really|for me|interested|relevant|useful|needed|today)"
        rf"|never mind|nevermind|i'?ll pass|pass|skip(?: it| this)?"
        rf"|(?:i )?(?:don't|do not) (?:want|need) (?:it|this|that)"
        rf"|(?:i'm|i am) not interested|no need|not my (?:thing|topic|area)|👎)"
        rf"(?: (?:thanks|thank you|thx|sorry|in (?:it|this|that)|for me|to me))*{_PLEASE}"
    ),
    re.compile(
        r"^no,? (?:thanks|thank you|thx|not interested|not for me|not really|i'm good|i am good)\b"
    ),
)
_YES = (
    _whole(
        r"(?:(?:yes|yeah|yep|yup|ya|sure|ok|okay|k|please|absolutely|definitely|of course|gladly"
        r"|alright|all right|fine|go on|go ahead|do it|do|tell me(?: more)?|more|say more"
        r"|keep going|continue|sounds (?:good|great|interesting)|interesting|why not|i would"
        r"|i'?d (?:like|love) (?:that|to|it|to know(?: more)?)|love to|with pleasure|show me"
        r"|let'?s (?:hear|see)(?: it)?|i'm interested|i am interested|curious|by all means"
        r"|the rest|about (?:it|this|that)|then|it|thanks|thank you|a (?:bit|little) more|👍)"
        r"(?: |, |$))+"
    ),
    re.compile(
        r"^(?:(?:yes|yeah|sure|ok|okay),? )?(?:please )?(?:can|could|would|will) you"
        r"(?: please)? (?:tell|say|show|give)(?: me)? (?:a (?:bit|little) )?(?:more|the rest)\b"
    ),
    re.compile(r"^(?:please )?(?:tell|show) me (?:a (?:bit|little) )?(?:more|about (?:it|this))\b"),
)
_THANKS = (
    re.compile(
        r"^(?:(?:ok|okay|great|perfect|cool|nice|ah|oh|wow|yes|good),? )*(?:many )?"
        r"(?:thanks|thank you|thx|ty|cheers|much appreciated)\b"
    ),
    re.compile(
        r"\b(?:that|this|it) (?:really |already |actually )?(?:helped|helps|solved|worked|works"
        r"|answers|answered|was (?:very |really )?(?:helpful|useful)"
        r"|is (?:very |really )?(?:helpful|useful|great|perfect))\b"
    ),
    _whole(r"(?:very |so |super )?(?:helpful|useful|perfect|great|cool|nice|excellent|got it|🙏)"),
)
_ASKS = re.compile(
    r"^(?:and |but |so |ok,? |yes,? )*(?:what|how|when|where|who|whom|whose|which|why|is|are|was"
    r"|were|do|does|did|can|could|would|will|should|has|have|may|might|tell me (?:what|how|when"
    r"|why|where|who|which)|explain|describe|i wonder|any)\b"
)

_FIRST = (
    (Intent.STOP, _STOP),
    (Intent.PAUSE, _PAUSE),
    (Intent.PERSON, _PERSON),
    (Intent.WHY, _WHY),
)
_SHORT = 8
"""Words above which thanks or a denial of something said is no whole reply any more."""


def intent_of(reply: str) -> Intent:
    """The one intent of a reply; `Intent.OTHER` for talk that asks nothing."""
    text = plain(reply, 1000).casefold().replace("’", "'")
    asks = text.rstrip().endswith(("?", "?)", "？"))
    text = re.sub(r"[\s.!?…,;:)]+$", "", text)
    text = re.sub(r"^(?:hi|hello|hey|well|oh|um|hm+)[, ]+", "", text)
    if not text:
        return Intent.QUESTION if asks else Intent.OTHER
    for intent, rules in _FIRST:
        if _fires(rules, text) and not (intent in (Intent.STOP, Intent.PAUSE) and asks):
            return intent
    if _fires(_LATER, text):
        return Intent.LATER
    if _fires(_NO, text):
        return Intent.NO
    if _fires(_THANKS, text) and not asks and word_count(text) <= _SHORT:
        return Intent.THANKS
    if _fires(_YES, text):
        return Intent.YES
    if asks or _ASKS.search(text):
        return Intent.QUESTION
    return Intent.OTHER


def _fires(rules: Sequence[re.Pattern[str]], text: str) -> bool:
    # A whole-reply rule ends in `$`, so that `match` holds it to all of the text.
    return any(
        rule.match(text) if rule.pattern.endswith("$") else rule.search(text) for rule in rules
    )
