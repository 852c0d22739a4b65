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
from bot.policy.facts import Facts, Standing
from bot.policy.gate import Rule
from bot.policy.purposes import OPENERS
from bot.settings import PolicySettings
from recsys.filters import FILTERS
from recsys.types import Pick

EXPLORES_ABOVE = 0.1
"""uncertainty of P(engages) above which little is known, and the budget for learning is open"""

VERSION = "p4"
"""Goes with every decision; raise it when a rule changes its meaning."""


class KillSwitch:
    name = "kill_switch"

    def refuses(self, standing: Standing) -> str | None:
        return "workspace_stopped" if standing.killed else None


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


class WorkingDay:
    name = "working_day"

    def refuses(self, standing: Standing) -> str | None:
        return None if standing.local.weekday() in standing.limits.weekdays else "quiet_day"


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
    name = "cooldown"

    def refuses(self, standing: Standing) -> str | None:
        if standing.last_sent_at is None:
            return None
        over = standing.last_sent_at + timedelta(hours=standing.limits.cooldown_hours)
        return "cooldown" if standing.now < over else None


REACH_RULES: tuple[Rule[Standing], ...] = (
    KillSwitch(),
    Person(),
    Active(),
    Consented(),
    Stayed(),
    Invited(),
    NotPaused(),
    Undisturbed(),
    WorkingDay(),
    WakingHours(),
    DailyCap(),
    WeeklyCap(),
    Cooldown(),
)

WELCOME_RULES: tuple[Rule[Standing], ...] = (
    KillSwitch(),
    Person(),
    Active(),
    Stayed(),
    Invited(),
    NotPaused(),
    Undisturbed(),
    WorkingDay(),
    WakingHours(),
)
"""the one welcome message: before any consent, and no less considerate"""

ANSWER_RULES: tuple[Rule[Standing], ...] = (KillSwitch(), Person(), Active())
"""an answer was asked for: no hour is quiet for it"""

ITEM_RULES = FILTERS


@dataclass(frozen=True, slots=True)
class Offer:
    """A pick beside the facts and the settings it is judged by."""

    facts: Facts
    pick: Pick | None
    policy: PolicySettings
    uncertainty: float = 1.0
    """half-width of P(engages) that the scorer admits"""

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
        return self.pick is not None and (not self.below or self.explores)

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


class NotHeldOut:
    name = "holdout"

    def refuses(self, offer: Offer) -> str | None:
        return "holdout" if offer.arm == "holdout" else None


OFFER_RULES: tuple[Rule[Offer], ...] = (Something(), Confident(), Worthwhile(), NotHeldOut())
