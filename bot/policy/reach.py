"""The rules about a member and a moment: may we speak to them at all, now?

Each is one reason for silence. Their order, and who has to keep which, is in `bot.policy.rules`.
"""

from __future__ import annotations

from datetime import timedelta

from bot.policy import written
from bot.policy.facts import Standing
from bot.policy.purposes import OPENERS
from bot.policy.vocabulary import of_member


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
