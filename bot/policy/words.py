"""Reasons for silence in words, for people who read them; records keep the codes."""

from __future__ import annotations

from collections.abc import Mapping

SILENCES: Mapping[str, str] = {
    "workspace_stopped": "an admin has stopped the bot",
    "not_installed": "the app was taken out of the workspace",
    "workspace_paused": "too many have opted out, and an admin has to look into it",
    "not_a_member": "a guest, a bot or a visitor",
    "deactivated": "no longer active here",
    "no_consent": "has not agreed",
    "opted_out": "asked not to be written to",
    "not_on_pilot_list": "not on the pilot list",
    "paused": "paused by the member",
    "quiet_day": "not a working day for them",
    "public_holiday": "a public holiday where they are",
    "quiet_hours": "outside their working hours",
    "daily_cap": "has heard enough today",
    "weekly_cap": "has heard enough this week",
    "cooldown": "too soon after the last opener",
    "fatigue": "tired of openers: too many of the last ones were unwelcome",
    "admin_rule": "a rule of an admin asks for it",
    "busy": "wants to work in peace just now",
    "do_not_disturb": "has do-not-disturb on",
    "presence_unknown": "Slack did not say whether they may be disturbed",
    "nothing_to_offer": "nothing to offer them",
    "below_threshold": "nothing likely enough to be welcome",
    "not_worth_it": "not worth the interruption",
    "holdout": "held back at random, to measure what openers change",
    "workspace_budget": "the whole workspace has heard enough today",
    "shared_out": "enough others heard of it today, or of what its author wrote",
    "composer_abstained": "the composer found nothing worth saying",
    "ungrounded": "no wording that the item bears out",
}
"""Every reason that a rule or the composer gives, as one would say it of a member."""

OUTCOMES: Mapping[str, str] = {
    "followed_up": "you asked for more",
    "replied": "you replied",
    "accepted": "you accepted",
    "saved": "you saved it",
    "resolved": "you said it helped",
    "dismissed": "not for you",
    "ignored": "no answer",
    "opted_out": "you asked me to stop",
    "handed_off": "you asked for a person",
}
"""What became of an opener, in words for the member."""


def in_words(reason: str) -> str:
    """A reason for silence as one would say it; a code of nobody's is shown as it is."""
    code, _, name = reason.partition(":")
    said = SILENCES.get(code, code.replace("_", " "))
    return f"{said} ({name})" if name else said
