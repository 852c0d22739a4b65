"""How people word what they want done (English): rules of `bot.openers.intents`.

A rule that `whole` made is held to the whole reply. So a rule fires on what a reply says, never on
a word inside it: "how do I stop the server?" asks nobody to stop.
"""

from __future__ import annotations

import re

Rules = tuple[re.Pattern[str], ...]


def whole(pattern: str) -> re.Pattern[str]:
    """Held to all of a reply: it ends in `$`."""
    return re.compile(rf"(?:{pattern})$")


def within(lines: str) -> re.Pattern[str]:
    """Any of these wordings, a line or a bar between two of them, as whole words."""
    wordings = (line.strip() for line in lines.splitlines())
    return re.compile(rf"\b(?:{'|'.join(filter(None, wordings))})\b")


PLEASE = r"(?:,? (?:please|thanks|thank you|for now|now|then|today|overture|bot|sorry|again))*"
_ME = r"(?: to)?(?: me)?"
_CAN = r"(?:(?:can|could|would|will) (?:you|we|i)(?: please)? |please,? |let'?s |just )*"
_OURS = r"(?:these|those|(?:any(?: more)?|more)? ?(?:of )?(?:these |those |your )?"
_OURS += r"(?:messages|openers|notifications|stuff|dms|emails|pings))"

_US = rf"(?:yourself|it|this|that|these|the bot|overture|{_OURS})"
STOP: Rules = (
    whole(
        rf"(?:you can |that's enough,? )?{_CAN}(?:enough,? )?(?:stop|quit|unsubscribe"
        rf"|opt(?: me)?[ -]out"
        rf"|leave|cancel|go away|shut up|no more|cut (?:it|this) out|end (?:it|this))(?:,? (?:it"
        rf"|this"
        rf"|that|these|me|all|everything|stuff|sending|writing|messaging|getting|for good|forever"
        rf"|just stop|now))*{PLEASE}"
    ),
    re.compile(
        r"(?:^|, |\b(?:please|you|you to|and|just|now|so|either|must) )(?:stop|quit|cease)"
        r" (?:messaging|writing|sending|contacting|bothering|pinging|spamming|dming|talking)"
        rf"(?:(?: to)? (?:me|us)\b| {_OURS}|(?= (?:please|now|already)\b)|(?=,|$))"
    ),
    re.compile(
        r"\bleave me alone\b|\bunsubscribe me\b|\bopt me out\b"
        r"|\b(?:take|get|delete) me (?:from|off)\b|\bremove me\b|\bwant to (?:opt out"
        r"|unsubscribe)\b|\bi want out\b|\bgo away\b"
    ),
    re.compile(
        r"\b(?:don't|do not|never)(?: ever)? (?:message|write|contact|ping|bother|disturb|spam|dm)"
        r"(?: to)? (?:me|us)(?! (?:(?:anything|things|stuff) )?(?:about|on)\b)\b"
        rf"|\b(?:don't|do not|never)(?: ever)? send (?:me )?(?:anything|{_OURS})"
        r"(?: (?:again|any ?more|please|else|ever))*(?=,|$)"
    ),
    whole(
        rf"{_CAN}(?:(?:turn|switch|shut) {_US} (?:off|down)|(?:turn|switch|shut) (?:off"
        rf"|down) {_US}"
        rf"|(?:disable|deactivate|uninstall) {_US})(?: (?:for good|forever|for me))*{PLEASE}"
    ),
    within(r"""
        get lost|lose my number|get off my back|leave me (?:in peace|be)
        (?:want|like|need) you to stop|(?:don't|do not) want any of (?:this|these|it)
        (?:not|n't) (?:want|wish|like) to be (?:contacted|messaged|written to|bothered|disturbed)
        how (?:do|can) i (?:unsubscribe|opt out|turn you off|get rid of you|make you stop)
        withdraw (?:my )?consent|sign me (?:off|out)|make (?:it|this|you) stop
        not interested in (?:getting|receiving|hearing from|your|any of)
        (?:prefer|rather) not (?:to )?(?:get|receive|hear from|be contacted)
        (?:cancel|end) my subscription
        (?:don't|do not) want to hear from you
        (?:no further|not (?:another|one more)) (?:messages?|openers?|notifications?|dms?|pings?)
    """),
    re.compile(
        rf"\b(?:don't|do not|no longer|never) (?:want|wish|like)(?: to (?:get|receive|see|have))?"
        rf" {_OURS}|\bno more (?:messages|of (?:these|this)|openers)\b"
        rf"|\bwant (?:you )?to stop (?:getting|receiving|writing|these|this|it)\b"
    ),
)
PAUSE: Rules = (
    whole(
        rf"(?:.*\b(?:holiday|vacation|leave|away|off),? )?{_CAN}(?:pause|take a break|snooze|hush"
        rf"|shush|mute (?:yourself|this|it)|(?:be|go|keep|stay|remain) (?:quiet|silent|still|away)"
        rf"|quiet|mute|silence|stop(?: it| this| writing)?(?= (?:for|until|till) )"
        rf"|leave me (?:alone|be|in peace)(?= (?:for|until|till) )"
        rf"|(?:no (?:more )?messages|not a word|nothing)(?= (?:for|until|till) )|do not disturb"
        rf"|dnd"
        rf"|time ?out|no interruptions|(?:give me|take) (?:a|the) (?:day|week|month) off"
        rf"|(?:hold|back|lay|ease) off|stand down|give (?:it|me|us) (?:a (?:rest|break)|some"
        rf" (?:rest|space|peace|quiet)))(?: (?:it|this|these|those|everything|messages|openers))*"
        rf"(?: (?:for|until|till) (?!me\b|us\b).{{1,30}}| this week| today)?{PLEASE}"
    ),
    within(r"i (?:need|want) (?:some|a bit of|a little|a \w+ of) (?:quiet|peace|silence|rest)"),
)
FOR_A_WHILE = re.compile(
    r"^[^,]*,? ?\b(?:until|till|for (?:now|today|the (?:time being|moment|day|week|rest|next)"
    r"|an? (?:bit|while|day|week|month|few|couple)"
    r"|(?:one|two|three|four|five|six|\d+)(?: more)? (?:hour|day|week|month)s?)"
    r"|this (?:week|month|morning|afternoon))\b"
)
"""what makes "stop" a silence that ends again, where it is said of the same clause"""
_HUMAN = r"(?:person|human(?: being)?|someone|somebody|colleague|support|expert|agent|admin"
_HUMAN += r"|(?:member of |someone on )?(?:the )?(?:staff|team)|specialist|representative|operator"
_HUMAN += r"|manager|supervisor|author|maintainer|help ?desk)(?!')"
PERSON: Rules = (
    whole(
        rf"(?:no (?:bots?|machines?)(?: please)?,? )?(?:an? |any |some |the )?"
        rf"(?:(?:real|actual|live|other) )?{_HUMAN}s?(?: else)?(?: (?:around|here|there))?{PLEASE}"
    ),
    re.compile(
        r"\b(?:talk|speak|chat|pass (?:me|this|it)(?: on)?|hand (?:me|this|it) over|connect me"
        r"|put me (?:through|in touch|in contact)|transfer me|forward (?:me|this|it)|get me"
        r"|give me|want|need|have|deal"
        r"|be (?:connected|put through|passed on|transferred)|ask|reach|escalate(?: this)?)"
        r"(?: to| with| about)*"
        rf"(?: an?| some| the| my)?(?: real| actual| living)* {_HUMAN}\b"
    ),
    re.compile(
        r"\bwho (?:can|could) (?:help|assist|support) me\b|\bwhom? (?:can|could|do|should"
        r"|would) i (?:talk|speak|contact|ask|turn|reach|write)\b"
        rf"|\b(?:help|call|answer) (?:from|by) (?:an? )?(?:real )?{_HUMAN}\b"
        r"|\b(?:can|could) (?:someone|somebody|anyone|a human|a person)(?: from \w+ \w+)?"
        r"(?: please)? (?:take over|look|explain|handle|assist|call|help|contact|talk)\b"
    ),
    re.compile(
        r"\b(?:is there|who is|who's|do you have) (?:an? )?(?:real )?(?:person|someone|somebody"
        r"|human|contact)(?: (?:for|about|i can|here|to|who can)|$)"
        r"|\bwho(?:'s| is| would be) (?:responsible|in charge|the contact|the (?:right|best)"
        r" (?:person|people|colleague|contact|team))\b"
    ),
    re.compile(
        r"\b(?:real|actual) (?:person|human)\b|\bcan you escalate\b|\bescalate (?:this|it)\b"
    ),
)
_TOLD = r"(?:send|sent|ask|asking|show|showing|tell|telling|get|getting|seeing|message|wrote|write"
_TOLD += r"|writing|pick|picked|choose|chose|bother|contact)"
WHY: Rules = (
    whole(
        r"(?:but |and |so )?(?:why|how come|what for|for what reason|on what basis|reason)"
        r"(?: (?:this|me|now|that|though|of all (?:people|things)))*"
    ),
    within(r"""
        what(?:'s| is| was) (?:this|that|it) based on|what do you know about me
        what (?:has|does) (?:this|it|that) (?:got|have)? ?to do with me
        how did you (?:pick|choose|find|come up with|land on|decide|figure|guess|get the idea)
        on what basis did|what (?:gave|brings|brought|triggered|led to) (?:you|this)
        (?:why|how come) (?:am|was|have|did|do) i (?:\w+ )?(?:chosen|picked|told|selected|targeted)
        (?:why|how come).{1,15}\bi (?:\w+ )?(?:get|getting|got|seeing|read) (?:this|these|that|your)
        why'd you|why this (?:one|item|topic|message)|what do you base|what did i do
        how did i end up
        what makes (?:this|it|that) (?:relevant|interesting|important)
        is there a reason (?:you|why|for this|i)
        where did you (?:hear|learn|see|read|find out) (?:that i|about me|this|that)
        who (?:asked|made) you
        why (?:is|was|would|should) (?:this|it|that) (?:be )?(?:relevant|interest\w*|for me)
        why (?:would|should) i (?:care|be interested|(?:want|need|read) (?:this|that|it))
        why (?:is|was) (?:this|it|that) being sent
    """),
    re.compile(
        rf"^(?:but |and |so )?(?:why|how come)(?: (?:are|did|do|is|was|am))? (?:you|i|this)\b"
        rf".*\b{_TOLD}\b(?!.*\b(?:nobody|no one)\b)"
    ),
    re.compile(
        r"\bhow (?:did|do|would) you know\b|\bwhat (?:made|makes|prompted|led) you (?:to )?"
        r"(?:think|send|pick|write|choose|tell|ask|believe|contact|show|suggest|bring|decide"
        r"|assume)\b|\bdid (?:someone|somebody|anyone) (?:ask|tell) you\b"
        r"|\bwhat'?s? (?:is )?the reason (?:you|for this|i)\b|\bwho told you\b"
        r"|\bbased on what\b"
    ),
    re.compile(r"^where did you get (?:that|this)\b"),
)  # fmt: skip
_SAVE = (
    r"(?:save|saving|bookmark|keep|store|file|stash|park|archive|pin|star|flag|mark|note|remember"
)
_SAVE += r"|(?:hang|hold) on to|put|set|make a note of|note down|write down)"
_THIS = r"(?:this|that|it|these)(?: (?:one|link|item|aside|away|down))?"
SAVE: Rules = (
    re.compile(
        rf"(?:^|, )(?:i'd (?:like|love) to |i want to |let me |can i |could i "
        rf"|i'll )?{_CAN}{_SAVE}"
        rf" (?:{_THIS}(?=$|,| (?:please|for (?:me|us|later)|somewhere|safe|handy|until|with|among"
        r"|in my|to my|i)\b)|(?:for later|to read later|please)\b)"
    ),
    within(r"""
        (?:put|add|move) (?:this|that|it)(?: one)? (?:on|to|in|into) my (?:[\w-]+ )*(?:list|notes)
        (?:add|save|pin) (?:this|that|it)(?: one)? (?:to|in|among) my (?:[\w-]+ )*favou?rites
        (?:one|something|good|worth) (?:for later|to keep|keeping|saving)
    """),
    whole(rf"(?:save|saved?|saving|bookmark|stash|pin|(?:one )?for later)(?: for later)?{PLEASE}"),
)
REMIND: Rules = (
    re.compile(
        r"\bremind me\b|\bfollow up with me\b|\brevisit (?:this|it|that)\b|\btell me again\b"
        r"|\bset (?:me )?a reminder\b|\b(?:ping|nudge|poke) me\b|\bbring (?:this|it) up"
        r"\b|\b(?:come|get) back to me\b|\bwrite (?:to )?me again\b|\blet me forget\b"
    ),
)
"""only with a time beside it: without one it means later"""
GOAL: Rules = (
    re.compile(
        r"^(?:this (?:year|month|quarter|week),? )?(?:i want|i'd like|i would like|i'd love"
        r"|i would love|i'm trying|i am trying|i'm hoping|i am hoping|i hope|i plan|i'm planning"
        r"|i wish i (?:was|were)|i aim|trying|i (?:need|have)(?= to (?:get|become|be) )"
        r"|i(?:'d| would)? (?:really|very much|so|always|finally) (?:want|wanted|like|love)"
        r"(?= to (?:become|be|get|improve|learn|grow) ))"
        r"(?: to)? (?!(?:to )?(?:hear|know|see|talk|speak|ask|keep|save|receive|get (?:these"
        r"|this|it"
        r"|more|one|rid)|opt|unsubscribe|stop (?:getting|receiving|these|this|it)|a |an |it|this"
        r"|that|more|you|out|no|to come|someone|somebody|understand))\b\w+"
    ),
    re.compile(
        r"^(?:one of )?my (?:\w+ )?(?:goal|aim|plan|wish|ambition|resolution|target|dream)(?:s"
        r"|es)?"
        r"(?: (?:for|this|the|in|at) [^,]{1,25})? (?:is|are)(?: to)? (?!stop |unsubscribe)\w+"
    ),
    re.compile(
        r"^help me (?:to )?(?!(?:understand|with|fix|debug|find|please|out|here|set"
        r"|install)\b)\w+ \w+"
    ),
)
ASKS = re.compile(
    r"^(?:and |but |so |ok,? |yes,? |thanks,? (?:but )?|no idea.*, )*"
    r"(?:(?:in|at|on|for|to|from|by|with|under|since) (?=what|which|whom|how))?(?:what|what's"
    r"|whats|how|when"
    r"|where|who|whom|whose|which|why|is|are|was|were|do|does|did|can|could|would|will|should|has"
    r"|have|may|might|tell me (?:what|how|when|why|where|who|which)|explain|describe|i wonder"
    r"|any)\b"
)
