"""The forms of the home tab: when and how often, and topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from bot.policy import rhythm
from bot.ports import Asked
from bot.slack import blocks
from bot.slack.inputs import labelled, modal, one_of, option, reading, some_of, time_of_day

Block = blocks.Block
MOST_TOPICS = 100

ZONES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver",
    "America/Phoenix", "America/Chicago", "America/Mexico_City", "America/Bogota", "America/Lima",
    "America/New_York", "America/Toronto", "America/Caracas", "America/Halifax",
    "America/Santiago", "America/St_Johns", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
    "America/Montevideo", "Atlantic/Azores", "Atlantic/Reykjavik", "Africa/Casablanca",
    "Europe/Dublin", "Europe/Lisbon", "Europe/London", "UTC", "Africa/Lagos", "Africa/Algiers",
    "Europe/Amsterdam", "Europe/Belgrade", "Europe/Berlin", "Europe/Brussels", "Europe/Budapest",
    "Europe/Copenhagen", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague",
    "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich",
    "Africa/Cairo", "Africa/Johannesburg", "Europe/Athens", "Europe/Bucharest", "Europe/Helsinki",
    "Europe/Kyiv", "Europe/Riga", "Europe/Sofia", "Europe/Tallinn", "Europe/Vilnius",
    "Asia/Jerusalem", "Africa/Nairobi", "Asia/Baghdad", "Asia/Riyadh", "Europe/Istanbul",
    "Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Baku", "Asia/Tbilisi", "Asia/Yerevan",
    "Asia/Kabul", "Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata", "Asia/Colombo",
    "Asia/Kathmandu", "Asia/Almaty", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok",
    "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Hong_Kong", "Asia/Kuala_Lumpur", "Asia/Manila",
    "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Australia/Perth", "Asia/Seoul",
    "Asia/Tokyo", "Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane",
    "Australia/Melbourne", "Australia/Sydney", "Pacific/Guam", "Pacific/Noumea",
    "Pacific/Auckland", "Pacific/Fiji", "Pacific/Tongatapu", "Pacific/Kiritimati",
)  # fmt: skip
"""zones to choose from, west to east; the member's own is always among them"""


def rhythm_modal(held: Mapping[str, Any], asked: Asked) -> Block:
    """`held` has ``daily``, ``weekly``, ``dailies``, ``weeklies``, ``days``, ``starts``, ``ends``
    and ``zone``, as they are now."""
    days = [option(name, str(number)) for number, name in enumerate(rhythm.DAYS)]
    chosen = [str(day) for day in held["days"]]
    drawn = [
        blocks.section("I write only within these limits, and mostly less."),
        _menu("daily", "At most, a day", held["dailies"], held["daily"]),
        _menu("weekly", "At most, in seven days", held["weeklies"], held["weekly"]),
        _needed(
            "days",
            "On these days",
            some_of("days", "checkboxes", days, chosen),
            "To hear nothing at all, pause me instead.",
        ),
        _needed("starts", "Not before", time_of_day("starts", str(held["starts"]))),
        _needed(
            "ends",
            "Not from this time on",
            time_of_day("ends", str(held["ends"])),
            "00:00 is midnight, the end of the day.",
        ),
        _needed("zone", "Time zone", one_of("zone", _zones(str(held["zone"])), str(held["zone"]))),
    ]
    return modal(asked.action, "When and how often", "Save", drawn)


def topics_modal(held: Mapping[str, Any], asked: Asked) -> Block:
    """`held` has ``topics``, each with ``slug``, ``title``, ``follow`` and ``mute``."""
    topics = [t for t in held["topics"] if len(str(t["slug"])) <= 150][:MOST_TOPICS]
    if not topics:
        nothing = blocks.section("There are no topics here yet. Curators add them with items.")
        return reading(asked.action, "Topics", [nothing])
    options = [option(str(t["title"]), str(t["slug"])) for t in topics]
    drawn = [
        blocks.section("Followed topics come more easily; of muted ones I never speak."),
        *(
            labelled(
                name,
                label,
                {
                    **some_of(
                        name,
                        "multi_static_select",
                        options,
                        [str(t["slug"]) for t in topics if t[stance]],
                    ),
                    "placeholder": blocks.plain("Pick as many as you like", 150),
                },
            )
            for name, label, stance in (
                ("follows", "Topics to follow", "follow"),
                ("mutes", "Topics to mute", "mute"),
            )
        ),
    ]
    return modal(asked.action, "Topics", "Save", drawn)


def _menu(name: str, label: str, counts: list[int], held: int) -> Block:
    pairs = [(str(count), _times(count)) for count in counts]
    return _needed(name, label, one_of(name, pairs, str(held)))


def _needed(name: str, label: str, element: Block, hint: str = "") -> Block:
    return labelled(name, label, element, hint, optional=False)


def _times(count: int) -> str:
    return "one message" if count == 1 else f"{count} messages"


def _zones(own: str) -> list[tuple[str, str]]:
    known = available_timezones()
    zones = [zone for zone in ZONES if zone in known]
    named = zones if own in zones else [own, *zones[:99]]
    return [(zone, zone.replace("_", " ")) for zone in named]
