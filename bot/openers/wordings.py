"""How people word what they want done (English): the rules of `bot.openers.intents`.

A rule that ends in `$` is held to the whole reply. So a rule fires on what a reply says, never on
a word inside it: "how do I stop the server?" asks nobody to stop.
"""

from __future__ import annotations

import re

Rules = tuple[re.Pattern[str], ...]


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})$")


_PLEASE = r"(?:,? (?:please|thanks|thank you|for now|now|then|today|overture|bot|sorry|again))*"
_ME = r"(?: to)?(?: me)?"
_CAN = r"(?:(?:can|could|would|will) (?:you|we|i)(?: please)? |please,? |let'?s |just )*"
_OURS = r"(?:these|those|(?:any(?: more)?|more)? ?(?:of )?(?:these |those |your )?"
_OURS += r"(?:messages|openers|notifications|stuff|dms|emails|pings))"

STOP: Rules = (
    _whole(
        rf"{_CAN}(?:enough,? )?(?:stop|quit|unsubscribe|opt(?: me)? out|leave|cancel|go away"
        rf"|shut up)(?: (?:it|this|that|these|me|all|everything|stuff|sending|writing|messaging"
        rf"|getting|for good|forever|just stop|now))*{_PLEASE}"
    ),
    re.compile(
        rf"\b(?:stop|quit|cease) (?:messaging|writing|sending|contacting|bothering|pinging){_ME}"
        rf"(?! (?:logs?|the|tests?|to|code)\b)\b"
    ),
    re.compile(
        r"\bleave me alone\b|\bunsubscribe me\b|\bopt me out\b"
        r"|\b(?:take|get|delete) me (?:from|off)\b|\bremove me\b|\bwant to (?:opt out"
        r"|unsubscribe)\b|\bi want out\b|\bgo away\b"
    ),
    re.compile(
        r"\b(?:don't|do not|never)(?: ever)? (?:message|write|contact|send|ping|bother|dm)"
        r"(?: to)? (?:me|any)(?! (?:anything|things|stuff)? ?(?:about|on)\b)\b"
    ),
    re.compile(
        rf"\b(?:don't|do not|no longer|never) (?:want|wish|like)(?: to (?:get|receive|see|have))?"
        rf" {_OURS}|\bno more (?:messages|of (?:these|this)|openers)\b"
        rf"|\bturn (?:yourself|this|it) off\b.*\b(?:for good|forever|for me)\b"
        rf"|\bwant (?:you )?to stop (?:getting|receiving|writing|these|this|it)\b"
    ),
)
PAUSE: Rules = (
    _whole(
        rf"(?:.*\b(?:holiday|vacation|leave|away|off),? )?{_CAN}(?:pause|take a break|snooze|hush"
        rf"|mute (?:yourself|this|it)|(?:be|go|keep|stay) (?:quiet|silent)|give (?:it|me) a rest)"
        rf"(?: (?:it|this|these|those|everything|messages|openers))*"
        rf"(?: (?:for|until|till) .{{1,30}}| this week| today)?{_PLEASE}"
    ),
    re.compile(r"\bi need (?:some|a bit of|a little) (?:quiet|peace|silence|rest)\b"),
)
_HUMAN = r"(?:person|human(?: being)?|someone|somebody|colleague|support|expert|agent|admin)"
PERSON: Rules = (
    _whole(
        rf"(?:no (?:bots?|machines?)(?: please)?,? )?(?:an? |any |some |the )?"
        rf"(?:(?:real|actual|live|other) )?{_HUMAN}s?(?: else)?(?: (?:around|here|there))?{_PLEASE}"
    ),
    re.compile(
        r"\b(?:talk|speak|chat|pass (?:me|this|it)(?: on)?|hand (?:me|this|it) over|connect me"
        r"|put me through|get me|give me|i want|i need|ask|reach|escalate(?: this)?)"
        r"(?: to| with| about)*"
        rf"(?: an?| some| the)?(?: real| actual| living)* {_HUMAN}\b"
    ),
    re.compile(
        r"\bwho (?:can|could|do|should|would) i (?:talk|speak|contact|ask|turn|reach|write)\b"
        rf"|\b(?:help|call|answer) (?:from|by) (?:an? )?(?:real )?{_HUMAN}\b"
        r"|\b(?:can|could) (?:someone|somebody|a human|a person) (?:call|help|contact|talk)\b"
    ),
    re.compile(
        r"\b(?:is there|who is|who's|do you have) (?:an? )?(?:real )?(?:person|someone|somebody"
        r"|human|contact)(?: (?:for|about|i can|here|to|who can)|$)"
        r"|\bwho(?:'s| is) (?:responsible|in charge|the contact)\b"
    ),
    re.compile(
        r"\b(?:real|actual) (?:person|human)\b|\bcan you escalate\b|\bescalate (?:this|it)\b"
    ),
)
_TOLD = r"(?:send|sent|ask|asking|show|showing|tell|telling|get|getting|seeing|message|wrote|write"
_TOLD += r"|writing|pick|picked|choose|chose|bother|contact)"
WHY: Rules = (
    _whole(r"(?:but |and |so )?why(?: (?:this|me|now|that))*"),
    re.compile(
        rf"^(?:but |and |so )?(?:why|how come)(?: (?:are|did|do|is|was|am))? (?:you|i|this)\b"
        rf".*\b{_TOLD}\b(?!.*\b(?:nobody|no one)\b)"
    ),
    re.compile(
        r"\bhow (?:did|do|would) you know\b|\bwhat (?:made|makes|prompted|led) you (?:to )?"
        r"(?:think|send|pick|write)\b|\bdid (?:someone|somebody|anyone) (?:ask|tell) you\b"
        r"|\bwhat'?s? (?:is )?the reason (?:you|for this|i)\b|\bwho told you\b"
        r"|\bbased on what\b"
    ),
    re.compile(r"^where did you get (?:that|this)\b"),
)  # fmt: skip
LATER: Rules = (
    _whole(
        rf"(?:sorry,? )?(?:maybe |perhaps |not (?:right )?now,? ?(?:but )?|ask me |remind me "
        rf"|again )*(?:later|not now|not right now|not yet|(?:some )?other time"
        rf"|another (?:time|day)|tomorrow"
        rf"|next week|this afternoon|tonight|in a (?:bit|while|minute)|not today|after lunch)"
        rf"(?: (?:today|on|perhaps|maybe|this week|again|gator))*{_PLEASE}"
    ),
    _whole(
        rf"(?:sorry,? )?(?:i'm |i am )?(?:(?:a bit |too |very |really )?busy|in a (?:meeting|call)"
        rf"|(?:totally |completely )?swamped|driving|about to present)"
        rf"(?: (?:right now|now|at the moment|today|this week))*"
        rf"(?:,? (?:maybe )?(?:later|another time))?{_PLEASE}"
    ),
    re.compile(
        r"^(?:please )?remind me\b(?!.*\bof\b)|\bhold that thought\b|\bgive me a (?:bit|minute)"
        r"|\b(?:on my plate|(?:calm|quieten|settle|slow)s? down|less busy|quieter)\b"
    ),
    re.compile(
        r"^i (?:have|'ve|'ve got) no time\b|^no time\b|\b(?:not a good|bad|wrong)"
        r" (?:time|timing|moment)\b|^(?:i )?can't (?:right )?now\b"
        r"|\b(?:let me|i'll) (?:come back|look at|read|get back)\b"
        r"|\b(?:gotta|got to|have to) (?:run|go)\b|\bask me (?:again )?(?:later|some other)\b"
        r"|\bwhen i(?:'m| am) back\b"
    ),
)
NO: Rules = (
    _whole(
        rf"(?:unfortunately,? )?(?:no+|nope|nah|no way|not (?:really|for me|interested|relevant"
        rf"|useful|needed)|never mind|nevermind|i'?ll pass|pass|skip(?: it| this)?"
        rf"|(?:i )?(?:don't|do not) (?:want|need|like|care about) (?:it|this|that)"
        rf"|(?:i'm|i am) (?:not interested|good|fine)|no need|rather not|i'?d rather not"
        rf"|not my (?:thing|topic|area|field)|nothing for me|i don't think so|👎)"
        rf"(?: (?:thanks|thank you|thx|sorry|in (?:it|this|that)|for me|to me|(?:to|for) what i do"
        rf"|on this one|i'm good|i'm fine|my (?:area|topic|thing)))*{_PLEASE}"
    ),
    re.compile(
        r"^(?:no|nope|nah),? (?:thanks|thank you|thx|not interested|not for me|not really|i'm good"
        r"|i am good|i'm fine|i already)\b|^thanks,? but no\b|^not really\b|\brather not\b"
        r"|^not (?:relevant|useful|for (?:me|us))\b|\b(?:no|not of) interest\b"
        r"|\bnothing to do with (?:me|my|us|our|what)\b"
    ),
    re.compile(
        r"\bi(?: have|'ve)? already (?:know|knew|read|saw|seen|did|done|have)\b"
        r"|\bwe don't (?:use|need|do|have) (?:that|this|it)\b"
        r"|\b(?:not|n't) (?:something|anything|a topic) i\b"
        r"|\b(?:this|that|it)(?: is not|'s not| isn't)(?: \w+)? (?:useful|relevant|for"
        r"|interesting) ?(?:to|for)?(?: me| us)?$"
    ),
)
_YES_MORE = r"(?:hear|know|see|read|learn)(?: (?:it|that|this|more|about (?:it|this|that)))*"
YES: Rules = (
    _whole(
        r"(?:(?:yes+|yeah|yep|yup|ya|okey(?: dokey)?|sure(?: thing)?|ok|okay|k|please|absolutely"
        r"|definitely"
        r"|of course|gladly|alright|all right|fine|go on|go ahead|do it|do|tell me(?: more)?|more"
        r"|say more|keep going|continue|sounds (?:good|great|interesting)|interesting|why not"
        r"|i would|(?:i'?d|i would) (?:like|love)(?: (?:that|it))?(?: to(?: " + _YES_MORE + r")?)?"
        r"|love to|with pleasure|show me|hit me|shoot|fire away|no (?:problem|objections?)"
        r"|let'?s (?:hear|see)(?: it)?|i'm interested|i am interested|curious|by all means"
        r"|(?:that|it)(?:'d| would) be (?:very |really )?(?:good|great|nice|lovely|helpful|useful)"
        r"|i wouldn't mind (?:hearing|knowing|that|it)|(?:hearing|knowing) more"
        r"|the rest|about (?:it|this|that)|then|it|thanks|thank you|a (?:bit|little) more|👍"
        r"|(?:i've|i have) (?:got )?(?:a|some) (?:minute|moment|time))(?: |, |$))+"
    ),
    re.compile(
        r"^(?:(?:yes|yeah|sure|ok|okay),? )?(?:please )?(?:can|could|would|will) you"
        r"(?: please)? (?:tell|say|show|give)(?: me)? (?:a (?:bit|little) )?(?:more|the rest)\b"
    ),
    re.compile(r"^(?:please )?(?:tell|show) me (?:a (?:bit|little) )?(?:more|about (?:it|this))$"),
)
THANKS: Rules = (
    re.compile(
        r"^(?:(?:ok|okay|great|perfect|cool|nice|ah|oh|wow|yes|good|awesome|brilliant|super"
        r"|amazing|no more questions),? )*(?:many )?"
        r"(?:thanks|thank you|thx|ty|ta|cheers|much (?:appreciated|obliged))\b"
    ),
    re.compile(
        r"(?<!not )\b(?:that|this|it) (?:really |already |actually |now )?(?:helped|helps|solved"
        r"|worked|works|answers|answered|was (?:very |really )?(?:helpful|useful)"
        r"|is (?:very |really )?(?:helpful|useful|great|perfect)|makes sense)(?: now)?\b"
        r"|\b(?:exactly )?(?:what|all) i (?:needed|wanted|was looking for)\b"
    ),
    _whole(
        r"(?:very |so |super |really )?(?:helpful|useful|perfect|great|cool|nice(?: one)?|excellent"
        r"|got it|awesome|brilliant|🙏)(?:,? (?:got it|thanks|thank you|ty))*"
    ),
)
_FAILS = r"(?:doesn't|does not|didn't|did not|don't|won't|isn't|is not|not|never|stopped)"
FRUSTRATED: Rules = (
    re.compile(
        r"\bstill (?:waiting|broken|nothing|not|the same|failing|no)\b|\bbeen waiting\b"
        rf"|\b{_FAILS} (?:even |really )?(?:work|wrok|working|help|helping|helped|fixed|solve)\b"
        r"|\bnothing (?:works|helps|worked|helped)\b|\b(?:keeps?|kept) (?:failing|breaking"
        r"|crashing)\b"
        r"|\bsame (?:error|problem|issue|thing) again\b|\bno help\b"
    ),
    re.compile(
        r"\byou(?:'ve| have)? (?:already|just) (?:told|said|asked|sent|showed|mentioned)\b"
        r"|\byou(?:'ve| have)? (?:told|said|asked|sent) (?:me )?(?:that|this|it) (?:already|before"
        r"|twice)\b|\b(?:been told|told me|heard) (?:that|this|it) (?:already|twice|before)\b"
        r"|\bi(?:'ve| have)? (?:already|just) (?:tried|told|did|asked|said)\b"
        r"|\basked (?:this |that |it |you )?(?:twice|three|four|several|many|\d+) ?(?:times)?\b"
        r"|\b(?:tried|did) (?:it|that|this)(?: already)?,? (?:but )?(?:it )?(?:didn't|no|nothing"
        r"|still)"
    ),
    re.compile(
        r"\b(?:that's|that is|this is|it's|it is|you're|you are)? ?(?:so |really |totally "
        r"|completely )"
        r"*(?:useless|annoying|frustrating|ridiculous|pointless|going nowhere)\b"
        r"|\bnot what i (?:asked|meant|wanted|said)\b|\bmakes no sense\b|\bi give up\b"
        r"|\byou(?:'re| are)? (?:don't|do not|not|never) (?:understand|listen|get|help)"
        r"|\b(?:that's|that is|this is|it's) (?:wrong|not (?:right|true|correct))\b|\bfed up\b"
    ),
    re.compile(
        r"\bhow (?:often|many times) do i have to\b|\bare you (?:even )?(?:listening|kidding"
        r"|serious)"
        r"|\bwhy (?:is|does|has) (?:nobody|no one) (?:answer|help|repl)|\banybody there\b"
    ),
)
SAVE: Rules = (
    re.compile(
        rf"^{_CAN}(?:i'd like to |i want to )?(?:save|bookmark|keep|store|file|hang on to"
        rf"|hold on to)"
        r" (?:(?:this|that|it|these)(?: (?:one|link|item))?|for later)\b"
    ),
    re.compile(r"\b(?:put|add) (?:this|that|it)(?: one)? (?:on|to) my (?:\w+ )?list\b"),
    _whole(rf"(?:save|bookmark)(?: for later)?{_PLEASE}"),
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
        r"|i wish i (?:was|were)|i aim|trying|i (?:need|have) (?=to (?:get|become|be) )"
        r"|(?:one of )?my (?:goals?|aims?|plans?|wish(?:es)?)(?: for)?(?: this| the)?(?: \w+)? is)"
        r"(?: to)? (?!(?:to )?(?:hear|know|see|talk|speak|ask|keep|save|receive|get (?:these"
        r"|this|it"
        r"|more|one|rid)|opt|unsubscribe|stop (?:getting|receiving|these|this|it)|a |an |it|this"
        r"|that|more|you|out|no|to come|someone|somebody|understand))\b\w+"
    ),
    re.compile(
        r"^help me (?:to )?(?!(?:understand|with|fix|debug|find|please|out|here|set"
        r"|install)\b)\w+ \w+"
    ),
)
ASKS = re.compile(
    r"^(?:and |but |so |ok,? |yes,? |thanks,? (?:but )?|no idea.*, )*(?:what|what's|whats|how|when"
    r"|where|who|whom|whose|which|why|is|are|was|were|do|does|did|can|could|would|will|should|has"
    r"|have|may|might|tell me (?:what|how|when|why|where|who|which)|explain|describe|i wonder"
    r"|any)\b"
)
