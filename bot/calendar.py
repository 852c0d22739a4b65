"""Public holidays by country; nothing of it leaves the machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from bot.ports import BadInput


def holiday(country: str, day: date) -> str:
    """The name of the public holiday that `day` is in `country`; empty where it is none.

    Raises BadInput for a country that is not known.
    """
    return _year(country, day.year).get(day, "") if country else ""


def known_country(code: str) -> str:
    """The code itself, in capitals.

    Raises:
        BadInput: it is no ISO 3166 code of a country, or of a part of one, with known holidays.
    """
    country = code.strip().upper()
    if country:
        _year(country, date.min.year + 1999)
    return country


@lru_cache(maxsize=512)
def _year(country: str, year: int) -> Mapping[date, str]:
    import holidays  # a fifth of a second, for those who keep any

    code, _, part = country.partition("-")
    try:
        found = holidays.country_holidays(code, subdiv=part or None, years=year)
    except NotImplementedError:
        supported = holidays.list_supported_countries()
        parts = ", ".join(f"{code}-{one}" for one in supported.get(code, ())[:6])
        known = f" (there are {parts} …)" if parts else ""
        raise BadInput(
            f"country {country!r} is not known: write an ISO 3166 code such as PT or DE, or one"
            f" with its part, such as DE-BY{known}"
        ) from None
    return {day: str(name) for day, name in found.items()}
