"""Words that guards know: what pressure sounds like, what an offer is, how sentences begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


TONE: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "urgency": _any_of(
            r"urgent(?:ly)?", r"asap", r"as soon as possible", r"right now", r"right away",
            r"immediately", r"hurry", r"act now", r"last chance", r"final (?:chance|reminder)",
            r"before it'?s too late", r"running out", r"don'?t wait", r"don'?t miss(?: out)?",
            r"time is short", r"at once", r"without delay", r"only today", r"today only",
            r"deadline is", r"can'?t wait", r"act (?:fast|quickly)", r"time[- ]sensitive",
        ),
        "guilt": _any_of(
            r"you (?:still )?have(?:n'?t| not)", r"you'?ve (?:missed|ignored|forgotten|neglected)",
            r"you (?:missed|ignored|forgot|neglected|failed)", r"you (?:really )?(?:should|must)",
            r"you(?: really)? (?:need|ought) to", r"you'?d better", r"still waiting",
            r"everyone else", r"disappoint(?:ed|ing)?", r"i'?m sad", r"let (?:me|us) down",
            r"you never", r"as i said", r"i (?:already )?(?:told|reminded) you", r"owe",
            r"falling behind", r"left behind", r"why (?:have|did)n'?t you",
        ),
        "flattery": _any_of(
            r"you(?:'re| are) (?:so |such |really |truly |an? )*"
            r"(?:amazing|brilliant|great|smart|clever|talented|awesome|impressive|expert|genius"
            r"|rock ?star|star|wonderful|fantastic|incredible|gifted)",
            r"(?:great|amazing|awesome|fantastic|brilliant|impressive|excellent) (?:job|work)",
            r"your (?:brilliant|amazing|impressive|great|excellent|incredible|outstanding)",
            r"someone (?:as|of) your", r"as an expert", r"i admire", r"so proud of you",
            r"no one (?:else )?(?:better|like you)", r"with your (?:talent|brilliance|genius)",
        ),
        "selling": _any_of(
            r"game[- ]chang(?:er|ing)", r"unlock", r"boost your", r"supercharge", r"must[- ]read",
            r"must[- ]have", r"exclusive(?:ly)?", r"limited (?:time|offer|spots|seats)",
            r"revolutionary", r"transform your", r"special offer", r"sign up", r"subscribe",
            r"guaranteed?", r"risk[- ]free", r"best[- ]in[- ]class", r"cutting[- ]edge",
            r"next level", r"you won'?t (?:believe|regret)", r"buy", r"discount", r"free trial",
            r"world[- ]class", r"skyrocket", r"click here", r"check (?:it|this) out",
        ),
    }
)  # fmt: skip

OFFER = _any_of(
    r"i (?:can|could|am able to|would be able to)", r"i'?d be (?:glad|happy|pleased)",
    r"i would be (?:glad|happy|pleased)", r"i'?ll (?:gladly|happily|keep|send|give|tell|bring)",
    r"(?:glad|happy) to", r"say the word", r"just (?:say|ask|reply|tell me)", r"let me know",
    r"if you(?:'d| would)? (?:like|want|care)", r"if it (?:helps|would help)", r"ask me",
    r"want me to", r"shall i", r"may i", r"would you like", r"reply (?:if|with|and)",
    r"tell me if", r"say yes", r"a word (?:from you )?is enough", r"i have (?:the rest|more)",
)  # fmt: skip
"""What makes a sentence an offer, whether or not it is also a question."""

_ORDERS = (
    r"send|share|forward|pay|transfer|wire|remit|log ?in|sign ?in|verify|confirm|install"
    r"|download|run|execute|call|dial|click|tap|visit|scan|enter|type|paste|upload|disable|grant"
    r"|approve|authori[sz]e|reset|reveal|disclose|read out|give (?:me|us|them)|reply with your"
)
DEMAND = re.compile(
    rf"(?:(?:^|[^\w\s'])\s*|\b(?:please|then|kindly|just)\s+)(?:{_ORDERS})(?!\w)"
    rf"|\band (?:{_ORDERS}) (?:your|the|it|them)\b"
    r"|\b(?-i:Send|Share|Forward|Pay|Log in|Confirm|Install|Download|Run|Call|Click|Enter)"
    r" (?:your|the|this|it|them|us|me|at|in|to)\b"
    r"|\byour (?:password|passcode|pin|passphrase|credentials|one-time code|card number)\b",
    re.IGNORECASE,
)
"""An instruction to the reader to do more than talk with us."""

_STARTS = """
a about above across after afterwards again against ahead all almost alone along already also
although always am among an and another any anybody anyone anything apart are around as ask
asking at avoid away back be because become been before begin beginning behind being below
beside best better between beyond both briefly build building but by call calling can change
changing check checking choose choosing clear clearly close coming compare comparing could
count counting curious dear decide deciding despite did different do does doing don't done down
during each early easy either else end enough even ever every everybody everyone everything
except far few fewer finally find finding first five for four fresh from further generally get
getting give given giving glad go going good got great had half happy hard has have having he
hello help helping her here hers hey hi his how however i if imagine in inside instead
interested into is isn't it it's its just keep keeping know knowing last late lately later
learn learning leave leaving less let let's like little long look looking lots made make making
many may maybe me mentioned might mine more morning most mostly much must my near nearly need
neither never new next nice no nobody none nor not note noted nothing noticed now of off often
oh ok okay old on once one only open opening or other others otherwise our ours out over own
part people perhaps pick picking picture planning please plus put putting question quick
quickly quite rather read reading really recently regarding related remember reply right said
same save saw say saying says see seeing seems seen seldom send set several shall she short
should show showing simple simply since six small so some somebody someone something sometimes
somewhere soon sounds spotted start starting still stop such sure take taking talking tell
telling ten than thank thanks that that's the their theirs them then there there's these they
thing things think thinking this those though thought three through throughout thus till to
today together tomorrow too toward towards trouble true try trying turning turns two under
unless until up upon us use used useful using usually very via want wants was way ways we we're
well were what what's whatever when whenever where whereas wherever whether which while who
whoever whole whom whose why will with within without wondering word words work working worth
would write writing written wrote yes yesterday yet you you're you've your yours
"""

SENTENCE_STARTS = frozenset(_STARTS.split())
"""Words that may begin a sentence with a capital and still be no name."""

ALWAYS_CAPITAL = frozenset({"i", "i'm", "i'd", "i'll", "i've", "ok", "hi"})

_BRANDS = """
airbnb amazon android anthropic atlassian aws bing bitcoin chatgpt cisco claude copilot dropbox
ebay facebook figma gemini github gitlab gmail google huawei ibm instagram iphone ipad jira
kubernetes linkedin linux macos microsoft midjourney mongodb mysql netflix nvidia openai outlook
paypal pinterest postgres postgresql reddit salesforce samsung sharepoint shopify skype spotify
tesla tiktok trello twitter uber webex whatsapp wikipedia youtube
"""

BRANDS = frozenset(_BRANDS.split())
"""Names of products and companies that are names also where they have no capital; those that are
words as well are left to their capital."""
