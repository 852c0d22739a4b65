"""English: what every text is held to, whatever language it was asked for in."""

from __future__ import annotations

import re
from itertools import product

from bot.openers.languages.language import Language, any_of, those
from bot.openers.phrases import DEMAND, OFFER, SENTENCE_STARTS, TONE

_UNITS = those(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = those("twenty thirty forty fifty sixty seventy eighty ninety")
_ODD = {
    "half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "twice": 2, "double": 2,
    "doubled": 2, "doubles": 2, "doubling": 2, "couple": 2, "thrice": 3, "triple": 3, "tripled": 3,
    "dozen": 12, "dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6,
    "billions": 10**9, "second": 2, "third": 3, "thirds": 3, "fourth": 4, "fifth": 5, "eighth": 8,
    "ninth": 9, "twelfth": 12, "hundredth": 100, "thousandth": 1000, "fifths": 5, "twofold": 2,
    "threefold": 3, "fourfold": 4, "fivefold": 5, "tenfold": 10, "hundredfold": 100,
}  # fmt: skip
_NUMBERS = {
    **{word: float(value) for value, word in enumerate(_UNITS)},
    **{f"{_UNITS[value]}th": float(value) for value in (6, 7, 10, 11, *range(13, 20))},
    **{word: 10.0 * at for at, word in enumerate(_TENS, start=2)},
    **{word[:-1] + "ieth": 10.0 * at for at, word in enumerate(_TENS, start=2)},
    **_ODD,
}
_SPAN = r"week|month|quarter|year|spring|summer|autumn|winter|weekend"
_OPEN = (
    r"(?:(?:does|do|did|would|could|can|might|will|is|are|has|have|if|whether|in case|should)\s+)?"
)
_WHO = (
    r"manager|boss|(?:team )?lead|supervisor|director|head of \w+|ceo|cto|cfo|team ?mates?"
    r"|colleagues?|co-?workers?|peers?|team|department|clients?|customers?|management|leadership"
    r"|assistant|mentor|reports?|staff|friends?|wife|husband|partner|family|neighbou?rs?"
)
_VERBS = (
    r"is|are|was|were|has|have|had|isn't|aren't|does|do|did|doesn't|don't|didn't|won't|can't"
    r"|thinks?|thought|feels?|felt|believes?|says?|said|tells?|told|wants?|wanted|needs?|needed"
    r"|likes?|loves?|hates?|expects?|hopes?|worr\w+|struggl\w+|complain\w*|ask(?:s|ed)?|agrees?"
    r"|knows?|keeps?|seems?|looks?|fail(?:s|ed)|miss(?:es|ed)|mention\w*|talk\w*|notic\w*"
    r"|recommend\w*|uses?|used|prefer\w*|wonder\w*|discuss\w*|will|would|must|never|always"
)
_STATE = (
    r"struggl\w+|suffer\w*|worri(?:ed|es)|worry(?:ing)?|upset|angry|annoyed|sad|unhappy|tired"
    r"|exhausted|burn(?:ed|t|ing)? out|overwhelmed|stressed|sick|ill|pregnant|depressed|anxious"
    r"|afraid|scared|bored|confused|frustrated|lonely|stuck|(?:falling |lagging )?behind|lazy"
    r"|unable|failing|in trouble|under pressure|overworked"
)
_MIND = (
    _STATE + r"|late|wrong|slow|happy|fail(?:s|ed)|los(?:es|ing|t)|quit(?:s|ting)?|leav(?:es|ing)"
    r"|resign\w*|fired|hired|promoted|divorc\w*|married|thinks?|thought|believes?|feels?|felt"
    r"|wants?|wanted|needs?|hopes?|hates?|loves?|likes?|dislikes?|prefers?|expects?|knows?"
    r"|regrets?|blam(?:es?|ed|ing)|complain\w*|refus(?:es|ed|ing)|disagrees?|agrees?|disappointed"
    r"|impressed|proud|jealous|rude|difficult|incompetent|(?:great|good|bad|best|terrible) at"
    r"|excited|thrilled|delighted|waiting|counting on|rel(?:ies|ying) on|depend(?:s|ing) on"
    r"|avoid(?:s|ing)|ignor(?:es|ed|ing)|forg[eo]t\w*|lied|lying|cheat\w*|stole|told (?:me|us|you)"
    r"|tells (?:me|us|you)|ask(?:s|ed) (?:me|us|you|about you)|said (?:that|you)|says (?:that|you)"
)
_LINKS = (
    r"(?:(?:is|was|are|were|has|have|had|been|being|seems?|looks?|sounds?|gets?|got|keeps?|kept"
    r"|might|may|must|will|would|could|be|not|really|so|very|quite|just|still|also|already|a bit"
    r"|rather|probably|clearly|always|never|often|currently|badly|deeply)\s+)*"
)


def _months_apart(spans: str) -> dict[str, re.Pattern[str]]:
    """One name for each of last, this and next with each span, so that languages can be held
    against each other."""
    words = {"last": "last|past|previous", "this": "this", "next": "next|coming|following"}
    return {
        f"{name} {span}": any_of(rf"(?:{said}) {span}")
        for (name, said), span in product(words.items(), spans.split("|"))
    }


ENGLISH = Language(
    code="en",
    name="English",
    common=frozenset(
        those(
            "the a an of to in is it and that this for on with as by at from be are was or if "
            "you i your can may more how what would like not have has so about there here when "
            "which who them they their its one do does me my we our will some than then out up "
            "into just"
        )
    ),
    starts=SENTENCE_STARTS,
    numbers=_NUMBERS,
    scales={"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9},
    free=frozenset({"one", "zero"}),
    joint="and",
    percent=r"per ?cent|percentage points?|percent",
    days=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    months=(
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ),
    relative={
        "yesterday": any_of("yesterday", "last night"),
        "today": any_of("today", "this (?:morning|afternoon|evening)"),
        "tomorrow": any_of("tomorrow"),
        "tonight": any_of("tonight"),
        "ago": any_of(r"(?:\w+ )?(?:minutes?|hours?|days?|weeks?|months?|years?|decades?) ago"),
        **_months_apart(_SPAN),
    },
    offer=OFFER,
    demand=DEMAND,
    tone=TONE,
    registers={
        "formal": any_of(
            r"\w+'(?:m|s|re|ve|ll|d)(?= )", r"\w+n't", "hi", "hey", "hiya", "cheers", "btw", "fyi",
            "folks", "guys", "stuff", "cool", "nice", "awesome", "say the word", "just say", "yep",
            "happy to", "glad to", "kindly", "a bit", "kind of", "sort of", "gonna", "wanna", "!",
        ),
        "plain": any_of(
            r"hope (?:you|your|the)", "lovely", "gentle", "friendly", "pleasant", "kindly", "dear",
            "treating you well", "good day", "hello", "hi", "hey", "delight(?:ed|ful)?", "warm",
            "wonderful", "happy to", "glad to", "kindness", "cheers", "say the word",
        ),
    },
    people=re.compile(
        rf"(?P<open>(?<!\w){_OPEN})(?P<claim>(?:(?:your|our|my|his|her|their|one of your|some of "
        rf"your|all (?:of )?your|everyone on your|people (?:in|on) your)\s+(?:\w+\s+)?(?:{_WHO})"
        rf"|(?:someone|somebody|everyone|everybody|people|others|nobody|no one) "
        rf"(?:in|on|at|from) (?:your|our|the) (?:{_WHO}|office|company))"
        rf"(?:\s+(?:really|also|just|still|already|probably|clearly|all|both))*\s+(?:{_VERBS}))"
        rf"(?!\w)",
        re.IGNORECASE,
    ),
    personal=re.compile(
        rf"(?:'s\s+(?:struggles?|problems?|fault|mistakes?|failures?|health|illness|divorce|salary"
        rf"|performance|concerns?|worries|opinion|feelings?|mood|weakness(?:es)?)"
        rf"|(?:'s)?,?\s+{_LINKS}(?P<said>{_MIND}))(?!\w)",
        re.IGNORECASE,
    ),
    about_reader=re.compile(
        rf"(?<!\w)(?P<open>(?:if|whether|in case|when|are|were|do|did|have)\s+)?(?P<claim>you"
        rf"(?:'re|'ve)?\s+(?:\w+\s+)?{_LINKS}(?:{_STATE}))(?!\w)",
        re.IGNORECASE,
    ),
)  # fmt: skip
