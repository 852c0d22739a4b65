"""What a member wishes: how often and when they are written to, about what, and what they saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.agreeing import MOST_TOPICS, Agreeing
from bot.conversation.conversing import AFTER_ANSWER, GONE, Conversing
from bot.conversation.handlers import Handlers
from bot.conversation.reply import whole
from bot.deciding.briefing import Briefing
from bot.inbox import Act, After, moment
from bot.policy.rhythm import DAILY, WEEKLY, clock, problems, rhythm_of
from bot.ports import Arrival, Asked
from bot.reading.standing import limits_of
from bot.reading.visibility import may_tell
from bot.store import tables
from bot.store.database import Unit
from bot.store.items import Items, stored
from bot.store.openers import DONE, Openers
from bot.store.outcomes import Outcomes
from bot.store.topics import Topics


@dataclass(frozen=True)
class Wishing:
    """Handles the forms of the home tab, and the list of what was saved."""

    briefing: Briefing
    conversing: Conversing
    agreeing: Agreeing

    def handlers(self) -> Handlers:
        return Handlers(
            presses={"saved_open": self._saved, "saved_done": self._saved},
            on_opener={"saved_open": self._saved, "saved_done": self._saved},
            modals={"rhythm": self._rhythm, "topics": self._topics},
            shows={
                "rhythm": self._limits,
                "topics": self._stances,
                "submit:rhythm": _wrong,
                "submit:topics": self._both,
            },
        )

    def _limits(self, asked: Asked) -> Mapping[str, Any] | None:
        """The limits that hold for a member now, and what may be chosen."""
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            member = self.agreeing.speaker(unit, {"member": asked.member})
        if member is None:
            return None
        home = self.conversing.home
        limits = limits_of(member, home.policy)
        return {
            "daily": limits.daily_cap,
            "weekly": limits.weekly_cap,
            "dailies": sorted({*DAILY, limits.daily_cap} - {0}),
            "weeklies": sorted({*WEEKLY, limits.weekly_cap} - {0}),
            "days": sorted(limits.weekdays),
            "starts": clock(limits.day_starts),
            "ends": clock(limits.day_ends),
            "zone": home.zone_of(member).key,
        }

    def _stances(self, asked: Asked) -> Mapping[str, Any] | None:
        """The topics, and what a member said of each."""
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            member = self.agreeing.speaker(unit, {"member": asked.member})
            if member is None:
                return None
            chosen = Topics(unit).choices(member.id)
            return {
                "topics": [
                    {
                        "slug": topic.slug,
                        "title": topic.title,
                        "follow": topic.slug in chosen.follows,
                        "mute": topic.slug in chosen.mutes,
                    }
                    for topic in Topics(unit).list()[:MOST_TOPICS]
                ]
            }

    def _both(self, asked: Asked) -> Mapping[str, Any] | None:
        """Nothing can be followed and muted at once: the form stays open, and names it."""
        both = set(asked.values.get("follows") or ()) & set(asked.values.get("mutes") or ())
        if not both:
            return None
        with self.conversing.store.reading(self.conversing.workspace) as unit:
            titles = Topics(unit).titles()
        named = ", ".join(sorted(titles.get(slug, slug) for slug in both))
        return {"errors": {"mutes": f"You follow {named} as well: choose one of the two."}}

    def _rhythm(self, arrival: Arrival, now: datetime) -> Act:
        """How often, and when. A form with problems never gets here: it stays open and says so."""
        payload = arrival.payload
        values = payload["values"]

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None or problems(values):
                return None
            at, wanted = moment(payload, now), rhythm_of(values)
            member.came_at = member.came_at or at
            member.daily_cap, member.weekly_cap = wanted.daily_cap, wanted.weekly_cap
            member.day_starts, member.day_ends = wanted.day_starts, wanted.day_ends
            if wanted.zone != self.conversing.home.zone_of(member).key:
                member.zone_is_own = True  # from now on the channel does not say it
            member.weekdays, member.zone = wanted.weekdays, wanted.zone
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def _topics(self, arrival: Arrival, now: datetime) -> Act:
        """What to hear about, and what never."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            at, values = moment(payload, now), payload["values"]
            member.came_at = member.came_at or at
            follows, mutes = set(values["follows"]), set(values["mutes"])
            Topics(unit).stand(member.id, "mute", mutes, MOST_TOPICS, at=at)
            Topics(unit).stand(member.id, "follow", follows - mutes, MOST_TOPICS, at=at)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def _saved(self, arrival: Arrival, now: datetime) -> Act:
        """Something that was saved is told again, or taken off the list."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            opener = Openers(unit).get(str(payload.get("opener") or payload.get("value") or ""))
            if member is None or opener is None or opener.member_id != member.id:
                return None
            if str(payload["action"]) == "saved_open":
                self._tell_again(unit, member, opener, arrival.key, now)
            else:
                Outcomes(unit).annotate(opener.id, "saved", DONE)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def _tell_again(
        self, unit: Unit, member: tables.Member, opener: tables.Opener, key: str, now: datetime
    ) -> None:
        item = Items(unit).get(opener.item_id)
        if item is None or not may_tell(unit, item, member):
            self.conversing.tell(unit, member.id, f"saved:{key}", GONE, now)
            return
        content = whole(self.briefing.about(stored(item)), opener.id, AFTER_ANSWER)
        self.conversing.say(unit, member.id, f"saved:{key}", content, now)


def _wrong(asked: Asked) -> Mapping[str, Any]:
    """What is wrong with the limits somebody set, by the input that says it."""
    return {"errors": problems(asked.values)}
