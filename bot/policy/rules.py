"""THE list of rules. Silence is decided here, by code, over facts gathered beforehand.

`REACH_RULES`: may we speak to this member at all, now? They run again at the moment of sending.
`ITEM_RULES`: may this item be offered to them? They are filters of the query, so that the logged
propensity is that of the item sent.
`OFFER_RULES`: is the pick worth it?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.ids import draw
from bot.policy import written
from bot.policy.facts import Facts, Standing
from bot.policy.gate import Rule
from bot.policy.purposes import OPENERS
from bot.policy.vocabulary import Offered, of_member, of_offer
from bot.settings import PolicySettings
from recsys.filters import FILTERS
from recsys.types import Pick

EXPLORES_ABOVE = 0.1
"""uncertainty of P(engages) above which little is known, and the budget for learning is open"""

VERSION = "p5"
"""Goes with every decision; raise it when a rule changes its meaning."""


class KillSwitch:
    name = "kill_switch"

    def refuses(self, standing: Standing) -> str | None:
        return "workspace_stopped" if standing.killed else None


class Running:
    """Where too many opted out, nobody hears from us until an admin has looked into it."""

    name = "workspace_pause"

    def refuses(self, standing: Standing) -> str | None:
        return "workspace_paused" if standing.workspace_paused else None


class Installed:
    name = "installed"

    def refuses(self, standing: Standing) -> str | None:
        return None if standing.installed else "not_installed"


class Person:
    name = "person"

    def refuses(self, standing: Standing) -> str | None:
        return None if standing.is_person else "not_a_member"


class Active:
    name = "active"

    def refuses(self, standing: Standing) -> str | None:
        return "deactivated" if standing.deactivated else None


class Consented:
    name = "consent"

    def refuses(self, standing: Standing) -> str | None:
        return None if OPENERS in standing.purposes else "no_consent"


class Stayed:
    name = "stayed"

    def refuses(self, standing: Standing) -> str | None:
        return "opted_out" if standing.left else None


class Invited:
    name = "pilot"

    def refuses(self, standing: Standing) -> str | None:
        return None if standing.invited else "not_on_pilot_list"


class NotPaused:
    name = "pause"

    def refuses(self, standing: Standing) -> str | None:
        paused = standing.paused_until is not None and standing.now < standing.paused_until
        return "paused" if paused else None


class Undisturbed:
    """Whoever shows that they want to work in peace is left in peace."""

    name = "undisturbed"

    def refuses(self, standing: Standing) -> str | None:
        return "busy" if standing.busy else None


class NotDisturbing:
    name = "do_not_disturb"

    def refuses(self, standing: Standing) -> str | None:
        return "do_not_disturb" if standing.dnd else None


class Readable:
    """What a channel should show and does not may be the wish to be left alone."""

    name = "presence"

    def refuses(self, standing: Standing) -> str | None:
        return "presence_unknown" if standing.unreadable else None


class WorkingDay:
    name = "working_day"

    def refuses(self, standing: Standing) -> str | None:
        return None if standing.local.weekday() in standing.limits.weekdays else "quiet_day"


class NoHoliday:
    name = "holiday"

    def refuses(self, standing: Standing) -> str | None:
        return "public_holiday" if standing.holiday else None


class WakingHours:
    name = "quiet_hours"

    def refuses(self, standing: Standing) -> str | None:
        minute = standing.local.hour * 60 + standing.local.minute
        starts, ends = standing.limits.day_starts, standing.limits.day_ends
        # hours may cross midnight: 20:00 to 04:00 is a working day too
        awake = starts <= minute < ends if starts <= ends else minute >= starts or minute < ends
        return None if awake else "quiet_hours"


class DailyCap:
    name = "daily_cap"

    def refuses(self, standing: Standing) -> str | None:
        return "daily_cap" if standing.sent_today >= standing.limits.daily_cap else None


class WeeklyCap:
    name = "weekly_cap"

    def refuses(self, standing: Standing) -> str | None:
        return "weekly_cap" if standing.sent_week >= standing.limits.weekly_cap else None


class Cooldown:
    """Each opener in a row that was unwelcome doubles the silence; one taken up ends that."""

    name = "cooldown"

    def refuses(self, standing: Standing) -> str | None:
        if standing.last_sent_at is None:
            return None
        over = standing.last_sent_at + timedelta(hours=cooldown_hours(standing))
        return "cooldown" if standing.now < over else None


def cooldown_hours(standing: Standing) -> float:
    """Hours of silence after the last opener, as things stand."""
    limits = standing.limits
    most = max(limits.cooldown_hours, limits.cooldown_most_hours)
    return min(limits.cooldown_hours * 2.0 ** min(standing.unwelcome, 32), most)


class Rested:
    name = "fatigue"

    def refuses(self, standing: Standing) -> str | None:
        return "fatigue" if standing.weariness >= standing.limits.fatigue else None


class Written:
    """Rules of admins about a member and a moment; `WrittenOfOffer` has those about an offer."""

    name = "admin_rules"

    def refuses(self, standing: Standing) -> str | None:
        return written.refusal(standing, of_member(standing), offers=False)


REACH_RULES: tuple[Rule[Standing], ...] = (
    KillSwitch(),
    Installed(),
    Running(),
    Person(),
    Active(),
    Consented(),
    Stayed(),
    Invited(),
    NotPaused(),
    WorkingDay(),
    NoHoliday(),
    WakingHours(),
    DailyCap(),
    WeeklyCap(),
    Cooldown(),
    Rested(),
    Written(),
    Undisturbed(),
    NotDisturbing(),
    Readable(),
)
"""what passes within minutes stands last: it decides only where nothing else does"""

WELCOME_RULES: tuple[Rule[Standing], ...] = (
    KillSwitch(),
    Installed(),
    Running(),
    Person(),
    Active(),
    Stayed(),
    Invited(),
    NotPaused(),
    WorkingDay(),
    NoHoliday(),
    WakingHours(),
    Undisturbed(),
    NotDisturbing(),
    Readable(),
)
"""the one welcome message: before any consent, and no less considerate"""

ANSWER_RULES: tuple[Rule[Standing], ...] = (
    KillSwitch(),
    Installed(),
    Person(),
    Active(),
)
"""an answer was asked for: no hour is quiet for it"""

PASSING = frozenset(
    {
        "busy",
        "do_not_disturb",
        "presence_unknown",
        "no_consent",
        "not_on_pilot_list",
        "quiet_hours",
    }
)
"""refusals that may be over in an hour: the slot stays open, and is looked at again"""

SHOWN = frozenset({"busy", "do_not_disturb", "presence_unknown"})
"""those of them that a channel shows: what is on its way waits for their end"""

ITEM_RULES = FILTERS


@dataclass(frozen=True, slots=True)
class Offer:
    """A pick beside the facts and the settings it is judged by."""

    facts: Facts
    pick: Pick | None
    policy: PolicySettings
    uncertainty: float = 1.0
    """half-width of P(engages) that the scorer admits"""
    offered: Offered | None = None
    """what rules of admins may know of the item; None where nothing was picked"""

    @property
    def below(self) -> bool:
        """Whether the pick does not clear what we ask of an ordinary opener."""
        pick = self.pick
        return pick is not None and (pick.engages < self.policy.threshold or pick.utility <= 0)

    @property
    def explores(self) -> bool:
        """Whether today's small budget for learning covers a pick below the threshold.

        It never covers one that is expected to do harm: a lost member teaches too dearly. And it
        ends once a model knows what it says: then the threshold means something.
        """
        return (
            self.pick is not None
            and self.pick.utility > 0
            and self.uncertainty > EXPLORES_ABOVE
            and self.policy.explore_floor <= self.pick.engages < self.policy.threshold
            and self.facts.explored_today < self.policy.explore_per_day
        )

    @property
    def may_speak(self) -> bool:
        """Whether nothing but the holdout stands between this pick and the member."""
        known = self.pick is not None and not self.ruled_out
        return known and (not self.below or self.explores)

    @property
    def ruled_out(self) -> str | None:
        """The rule of an admin that rules this offer out."""
        if self.pick is None or self.offered is None:
            return None
        standing = self.facts.standing
        known = of_member(standing) | of_offer(self.offered, self.pick)
        return written.refusal(standing, known, offers=True)

    @property
    def arm(self) -> str:
        """Only what may speak can be withheld at random, so that both sides compare."""
        if self.may_speak and draw(self.facts.seed, "holdout") < self.policy.holdout:
            return "holdout"
        return "explore" if self.explores else "normal"

    @property
    def p_speak(self) -> float:
        """Chance that this very offer is made, over the draw of the holdout."""
        return 1.0 - self.policy.holdout if self.may_speak else 0.0


class Something:
    name = "something"

    def refuses(self, offer: Offer) -> str | None:
        return "nothing_to_offer" if offer.pick is None else None


class Confident:
    name = "confidence"

    def refuses(self, offer: Offer) -> str | None:
        unsure = offer.pick is not None and offer.pick.engages < offer.policy.threshold
        return "below_threshold" if unsure and not offer.explores else None


class Worthwhile:
    name = "utility"

    def refuses(self, offer: Offer) -> str | None:
        costly = offer.pick is not None and offer.pick.utility <= 0
        return "not_worth_it" if costly else None


class WrittenOfOffer:
    name = "admin_offer_rules"

    def refuses(self, offer: Offer) -> str | None:
        return offer.ruled_out


class NotHeldOut:
    name = "holdout"

    def refuses(self, offer: Offer) -> str | None:
        return "holdout" if offer.arm == "holdout" else None


OFFER_RULES: tuple[Rule[Offer], ...] = (
    Something(),
    Confident(),
    Worthwhile(),
    WrittenOfOffer(),
    NotHeldOut(),
)
