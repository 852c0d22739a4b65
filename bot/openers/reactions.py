"""How people take what they were told (English): rules of `bot.openers.intents`."""

from __future__ import annotations

import re

from bot.openers.wordings import PLEASE, Rules, whole, within

_SOMETIME = r"(?:later|soon|tomorrow|tonight|(?:next|another|some other) (?:day|week|month|time)"
_SOMETIME += r"|this (?:afternoon|evening|week)|today|(?:on )?(?:mon|tues|wednes|thurs|fri)day"
_SOMETIME += r"|(?:right )?after .{2,20}|first thing.{0,20}|when (?:i|we|things) .{2,25}"
_SOMETIME += r"|in (?:an?|a few|\d+|two|three) (?:minutes?|hours?|days?|weeks?|bit|while))"
_LOOK = (
    r"(?:talk|speak|look|check|read|do|discuss|see|get back|come back|try|continue|go|pick|take)"
)
LATER: Rules = (
    whole(
        rf"(?:sorry,? )?(?:maybe |perhaps |not (?:right )?now,? ?(?:but )?|ask me |remind me "
        rf"|again )*(?:later|not now|not right now|not yet|(?:some )?other time"
        rf"|another (?:time|day)|tomorrow"
        rf"|next week|this afternoon|tonight|in a (?:bit|while|minute)|not today|after lunch)"
        rf"(?: (?:today|on|perhaps|maybe|this week|again|gator))*{PLEASE}"
    ),
    whole(
        rf"(?:sorry,? )?(?:i'm |i am |we're )?(?:just |still |so |a bit |too |very |really "
        rf"|totally "
        rf"|completely |quite )*(?:busy|swamped|slammed|tied up|snowed under|overloaded|driving"
        rf"|commuting|travelling|traveling|presenting|about to [a-z ]{{2,20}}"
        rf"|afk|brb|(?:on|off|away|out)(?: (?:on|of|from|sick|holiday|vacation|leave|pto|office))*"
        rf"(?: (?:my|the) desk)?(?: (?:until|till) .{{2,20}})?|need to .{{2,25}} first"
        rf"|(?:in|on|off to|heading into) (?:a |an |my "
        rf"|the )?(?:\w+ )?(?:(?:back[- ]to[- ]back )?meetings?|call|train|phone|road"
        rf"|way|workshop|interview|deadline|hurry|rush)|(?:(?:knee|neck)[- ]deep|buried|drowning"
        rf"|up to my (?:neck|ears)|in the middle) (?:in|of|under|with) .{{2,30}}?)"
        rf"(?: (?:right now|now|at the moment|today|this week))*"
        rf"(?:,? (?:maybe )?(?:later|another time))?{PLEASE}"
    ),
    re.compile(
        r"\b(?:do|talk|discuss|look|read|pick|continue|catch|try|come|get|circle|check)"
        r"(?: (?:me|us|you|it|this|that|up|at|back|in|again|on|to|about))*"
        r" (?:later|(?:another|some other) (?:day|time|week)|at a (?:better|later) time)\b"
    ),
    whole(
        rf"(?:maybe|perhaps|probably|sometime|not|again|(?:ask|try|ping|swing by|come by"
        rf"|come back)"
        rf"(?: me)?(?: again)?|(?:let's|can we|could we|i'll|i will|let me|i can"
        rf"|i'd rather) (?:have a )?"
        rf"{_LOOK}(?: (?:\w{{1,4}}|about))*)? ?{_SOMETIME}(?: (?:maybe|perhaps|instead"
        rf"|then))*{PLEASE}"
    ),
    within(r"""
        my hands full|bear with me|hang on|no (?:bandwidth|capacity)|too busy|postpone|reschedule
        rain check
        (?:one|give me an?) (?:sec|second|minute|moment|hour)
        (?:can't|cannot) (?:talk|look|read) now
    """),
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
    whole(
        rf"(?:unfortunately,? )?(?:no+|nope|nah|no way|not (?:really|for me|interested|relevant"
        rf"|useful|needed)|never mind|nevermind|i'?ll pass|pass|skip(?: it| this)?"
        rf"|(?:i )?(?:don't|do not) (?:want|need|like|care about) (?:it|this|that)"
        rf"|(?:i'm|i am) (?:not interested|good|fine)|no need|rather not|i'?d rather not"
        rf"|not my (?:thing|topic|area|field)|nothing for me|i don't think so|👎)"
        rf"(?: (?:thanks|thank you|thx|sorry|in (?:it|this|that)|for me|to me|(?:to|for) what i do"
        rf"|on this one|i'm good|i'm fine|my (?:area|topic|thing)))*{PLEASE}"
    ),
    re.compile(
        r"^(?:no|nope|nah),? (?:thanks|thank you|thx|not interested|not for me|not really|i'm good"
        r"|i am good|i'm fine|i already)\b|^thanks,? but no\b|^not really\b|\brather not\b"
        r"|^not (?:relevant|useful|for (?:me|us))\b|\b(?:no|not of) interest\b"
        r"|\bnothing to do with (?:me|my|us|our|what)\b"
    ),
    whole(
        rf"(?:thanks,? |thank you,? )?(?:but |so |it's a |that's a )*(?:hard (?:pass|no)"
        rf"|no thanks|meh"
        rf"|not at all|(?:certainly|absolutely|definitely|of course) not|(?:no|not a) chance"
        rf"|count me out|let's not|don't bother|spare me|i'm out"
        rf"|(?:drop|forget|leave|skip|ignore)(?: about)? (?:it|this|that)(?: one)?){PLEASE}"
    ),
    within(r"""
        not (?:(?:really|particularly|very|that|so|at all) )*(?:interested|keen|fussed|bothered)
        (?:isn't|not|never) (?:\w+ )?(?:relevant|useful|of use|worth|for) (?:to|for|my|me|our)
        (?:outside|not in) (?:of )?my (?:area|field|scope)|old news|nothing new|been there
        no use for
        (?:i|we)(?:'ve| have)? already (?:have|know|got|did|seen|read|use)
        i know (?:this|that|it) already
        skip (?:it|this|that)|i'll leave (?:it|this|that)|sounds (?:boring|dull)|all set
        not (?:(?:really|particularly|very|that|so) )*(?:into|feeling) (?:it|this|that)
        not (?:really )?my (?:cup of tea|thing|field|area|department|job|concern|topic|style)
        (?:could(?:n't| not)|can't) care less|(?:don't|do not) (?:really |much )?care
        (?:doesn't|does not|don't) (?:\w+ )?(?:interest|concern|apply to|affect) (?:me|us|my)
        (?:can't|couldn't|won't) use (?:it|this|that)
        irrelevant|of no (?:use|relevance)|wrong (?:person|address|team|department)
        i(?:'ll| will|'m going to|'m gonna) (?:pass|skip|decline)
        nothing (?:i|we) (?:need|want|use|care about)
        (?:don't|do not|never) (?:need|want|use) (?:any of )?(?:it|this|that|these)
    """),
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
    whole(
        r"(?:(?:yes+|yeah|yep|yup|ya|okey(?: dokey)?|sure(?: thing)?|ok|okay|k|please|absolutely"
        r"|definitely"
        r"|of course|gladly|alright|all right|fine|go on|go ahead|do it|do|tell me(?: more)?|more"
        r"|say more|elaborate|expand|go deeper|spill|bring it on|i'm (?:in|game|listening"
        r"|all ears)"
        r"|count me in|for sure|certainly|indeed|totally|go for it|(?:more )?(?:details|info)"
        r"|keep going|continue|gimme|do tell|why yes"
        r"|(?:i )?want (?:it|that|more|to (?:hear|know|see) (?:it|more|that|this))"
        r"|let me (?:hear|see)(?: it)?"
        r"|i'd be (?:glad|happy|interested|keen)(?: to)?|(?:very )?(?:keen|interested)|very much"
        r"|(?:that )?sounds (?:good|great|interesting|useful|fun|like fun)|interesting"
        r"|why (?:[a-z]+ ){0,2}not"
        r"|i (?:would|do)|that'd help|(?:i'?d|i would|would) (?:like|love)(?: (?:that"
        r"|it))?(?: to(?: " + _YES_MORE + r")?)?"
        r"|love to|with pleasure|show me|hit me|shoot|fire away|no (?:problem|objections?)"
        r"|let'?s (?:hear|see)(?: it)?|i'm interested|i am interested|(?:i'm |i am )?curious"
        r"|by all means"
        r"|(?:that|it)(?:'d| would) be (?:very |really )?(?:good|great|nice|lovely|helpful|useful)"
        r"|i wouldn't mind (?:hearing|knowing|that|it)|(?:hearing|knowing) more"
        r"|the rest|(?:on|about) (?:it|this|that)|then|it|thanks|thank you|a (?:bit|little) more|👍"
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
        r"|amazing|wonderful|lovely|fantastic|excellent|no (?:more"
        r"|further) questions),? )*(?:many )?"
        r"(?:thanks|thank you|thx|ty|ta|cheers|kudos|much (?:appreciated|obliged)|i appreciate)\b"
        r"(?!,? (?:but )?no\b)"
    ),
    re.compile(
        r"(?<!not )\b(?:that|this|it) (?:really |already |actually |now )?(?:helped|helps|solved"
        r"|worked|works|answers|answered|was (?:very |really )?(?:helpful|useful)"
        r"|is (?:very |really )?(?:helpful|useful|great|perfect)|makes sense)(?: now)?\b"
        r"|\b(?:exactly )?(?:what|all) i (?:needed|wanted|was looking for)\b"
    ),
    within(r"""
        no (?:more|further|other) questions|(?:did|does) the trick|that did it|what i was after
        works (?:now|like a charm|perfectly)|(?:it's|is) working now|saved (?:my|me)|i see, thanks
        been (?:\w+ )?helpful|now i (?:get|understand|see)|i (?:get|understand) it now|spot on
        (?:helps|helped) (?:me )?(?:a lot|so much|out)|got it now
        (?:clears|cleared|sorts|sorted) (?:it|that|this|things|everything) (?:up|out)
        (?:problem|question|everything|all|it's) (?:is )?(?:solved|sorted|answered|clear|fixed)
        all (?:good|set|clear) now|you're (?:a (?:star|legend|lifesaver|gem)|the best)|i owe you
        (?:much|really|truly) appreciate\w*
    """),
    whole(
        r"(?:very |so |super |really )?(?:helpful|useful|perfect|great|cool|nice(?: one)?"
        r"|excellent"
        r"|got it|awesome|brilliant|wonderful|lovely|fantastic|good answer|sorted|solved"
        r"|understood"
        r"|(?:much )?appreciated|great help|good to know|neat|sweet|love it|bingo"
        r"|(?:that|this)(?:'s| is| was) (?:\w+ )?(?:great|perfect|helpful|useful|awesome"
        r"|amazing)|fixed(?: it)?|merci|danke|gracias"
        r"|makes sense|🙏|🙌|👏)(?:,? (?:got it|thanks|thank you|ty))*"
    ),
)
_FAILS = r"(?:doesn't|does not|didn't|did not|don't|won't|isn't|is not|not|never|stopped)"
FRUSTRATED: Rules = (
    re.compile(
        r"\bstill (?:waiting|broken|nothing|not|the same|failing|no)\b|\bbeen waiting\b"
        rf"|\b{_FAILS} (?:even |really )?"
        r"(?:(?:work|wrok)(?! (?:with|on|in|at|for)\b)|working|help|helping|helped|fixed|solve)\b"
        r"|\bnothing (?:works|helps|worked|helped)\b|\b(?:keeps?|kept) (?:failing|breaking"
        r"|crashing)\b"
        r"|\bsame (?:error|problem|issue|thing|answer) (?:again|as before)\b|\bno help\b"
        r"|\b(?:get|getting|see|seeing|with) the same (?:error|problem|issue|thing|answer"
        r"|result)\b"
        r"|\bagain\W+same (?:thing|error|problem)\b"
    ),
    within(r"""
        still (?:can't|cannot|doesn't|isn't|won't|stuck|unable|getting|don't (?:get|understand|see))
        (?:it's|is|now|even|got|getting|gets|things|everything) (?:even |much )?worse
        (?:second|third|fourth|fifth|nth|umpteenth|\d+(?:st|nd|rd|th)) time
        (?:failed|crashed|broke|died|fails|crashes|breaks|hangs) (?:again|every time|each time)
        (?:keep|keeps|kept) (?:getting|seeing)|for (?:hours|days|ages)
        tried (?:everything|all of)|did all (?:of )?(?:that|this)
        (?:doesn't|didn't) do (?:anything|a thing)
        (?:link|page|button|example|command) is (?:broken|dead)
        no luck|to no avail|nothing (?:happens|happened|changed|changes)
        (?:i'm|i am|we're) (?:(?:still|so|completely|totally) )*(?:stuck|lost)
        (?:nobody|no one) (?:\w+ )?(?:answer|help|repl|respond|care|listen)\w*
    """),
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
    within(r"""
        (?:keep|keeps|stop|you're|you are) (?:repeating|going (?:round )?in circles|saying the same)
        (?:stop|keep|keeps) (?:telling|sending|showing|giving) me the same
        (?:isn't|wasn't|not) (?:my question|the question|what i (?:asked|meant|wanted|needed))
        you (?:misunderstood|misread|ignored|got (?:me|it) wrong)|asked (?:you )?something else
        driving me (?:crazy|mad|nuts|insane)|los\w+ (?:my )?(?:patience|temper)
        nothing .{0,15}makes sense
        unhelpful|sucks|i hate (?:this|it)|bullshit|you're wrong|disappoint(?:ed|ing)
        i'm (?:so )?confused
        in circles|broken record|not (?:this|that) again
        (?:sick|tired) of (?:it|this|that|you|waiting)
        had enough|wast\w+ (?:of )?my time|waste of time|getting (?:me )?nowhere|hopeless
        infuriating
        (?:not|isn't|wasn't|hardly) (?:really |even |exactly )?(?:an answer|answering)
        (?:didn't|doesn't|never|won't) (?:even )?answer(?:ed|ing)? (?:me|my|the)
        wrong (?:answer|information|advice|again)|ffs|wtf|argh+|grr+
    """),
)
FRUSTRATED_ASKS: Rules = (
    re.compile(
        r"\bhow (?:often|many times) do i have to\b|\bare you (?:even )?(?:listening|kidding"
        r"|serious)"
        r"|\bwhy (?:is|does|do|has) (?:nobody|no one)\b|\banybody there\b"
        r"|\bwhy is (?:this|it|everything) (?:so|still) (?:hard|difficult|complicated|slow"
        r"|broken)\b"
        r"|^(?:hello|hey)?[ ?!,]*(?:is )?(?:anyone|anybody|are you) ?(?:there|home|listening"
        r"|alive)?[ ?!]*$"
        r"|\bhow (?:much )?long(?:er)? (?:do|must|will|should|am) i\b"
    ),
)
_WELL = (
    r"^(?:(?:oh|ooh|ah|well|ehm?|sorry|please|thanks|thank you|unfortunately|just|so|then|but|maybe"
    r"|probably|i'd say|i'm afraid|i am afraid|i guess|i think),? )*"
)
HEADS_NO: Rules = (
    re.compile(
        rf"{_WELL}(?:no+|nope|nah|not|nein|unlikely|hardly)\b(?! (?:idea|clue|more|one|worries"
        r"|sure|bad|yet|now|problems?|objections?|wonder)\b)"
    ),
)
HEADS_YES: Rules = (
    re.compile(
        rf"{_WELL}(?:yes+|yeah|yep|yup|yea|sure|ok|okay|absolutely|definitely|of course|gladly"
        r"|(?<=please )(?:share|do|show|explain|continue))\b(?!.*(?:\b(?:not|no|but|never)\b"
        r"|n't\b))"
    ),
)
"""how short replies begin that say no or yes, whatever they go on with"""
