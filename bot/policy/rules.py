"""THE list of rules. Silence is decided here, by code, over facts gathered beforehand.

`REACH_RULES`: may we speak to this member at all, now? They run again at the moment of sending.
`ITEM_RULES`: may this item be offered to them? They are filters of the query, so that the logged
propensity is that of the item sent.
`OFFER_RULES`: is the pick worth it?
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.ids import draw
from bot.policy import written
from bot.policy.facts import Facts, Standing
from bot.policy.gate import Rule
from bot.policy.reach import (
    Active,
    Consented,
    Cooldown,
    DailyCap,
    Installed,
    Invited,
    KillSwitch,
    NoHoliday,
    NotDisturbing,
    NotPaused,
    Person,
    Readable,
    Rested,
    Running,
    Stayed,
    Undisturbed,
    WakingHours,
    WeeklyCap,
    WorkingDay,
    Written,
)
from bot.policy.vocabulary import Offered, of_member, of_offer
from bot.settings import PolicySettings
from recsys.filters import FILTERS
from recsys.promises import is_promise
from recsys.types import Pick

EXPLORES_ABOVE = 0.1
"""uncertainty of P(engages) above which little is known, and the budget for learning is open"""

VERSION = "p5"
"""Goes with every decision; raise it when a rule changes its meaning."""


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
PROMISED = "promised"
"""the arm of what a member asked to be reminded of: it compares with nothing that was chosen"""


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
    def promised(self) -> bool:
        """Whether the member asked for it: then no chance decides, and none is tried out."""
        return self.offered is not None and is_promise(self.offered.kind, self.offered.source)

    @property
    def below(self) -> bool:
        """Whether the pick does not clear what we ask of an ordinary opener."""
        pick = self.pick
        if pick is None or self.promised:
            return False
        return pick.engages < self.policy.threshold or pick.utility <= 0

    @property
    def explores(self) -> bool:
        """Whether today's small budget for learning covers a pick below the threshold.

        It never covers one that is expected to do harm: a lost member teaches too dearly. And it
        ends once a model knows what it says: then the threshold means something.
        """
        return (
            self.pick is not None
            and not self.promised
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
        if self.promised:
            return PROMISED
        if self.may_speak and draw(self.facts.seed, "holdout") < self.policy.holdout:
            return "holdout"
        return "explore" if self.explores else "normal"

    @property
    def p_speak(self) -> float:
        """Chance that this very offer is made, over the draw of the holdout."""
        if self.promised:
            return float(self.may_speak)
        return 1.0 - self.policy.holdout if self.may_speak else 0.0


class Something:
    name = "something"

    def refuses(self, offer: Offer) -> str | None:
        return "nothing_to_offer" if offer.pick is None else None


class Confident:
    name = "confidence"

    def refuses(self, offer: Offer) -> str | None:
        unsure = offer.pick is not None and offer.pick.engages < offer.policy.threshold
        excused = offer.explores or offer.promised
        return "below_threshold" if unsure and not excused else None


class Worthwhile:
    name = "utility"

    def refuses(self, offer: Offer) -> str | None:
        costly = offer.pick is not None and offer.pick.utility <= 0
        return "not_worth_it" if costly and not offer.promised else None


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


class GoodEnough:
    """Who asks is told of what would wait on their shelf; of anything less nobody is."""

    name = "good_enough"

    def refuses(self, offer: Offer) -> str | None:
        poor = offer.pick is not None and offer.pick.engages < offer.policy.shelf_floor
        return "below_threshold" if poor else None


ASKED_RULES: tuple[Rule[Offer], ...] = (
    Something(),
    GoodEnough(),
    WrittenOfOffer(),
)
"""is the pick worth telling somebody who asked for one? Nobody is interrupted, so what an
interruption costs does not count"""
