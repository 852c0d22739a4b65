"""Moments as they read on a member's wall clock, for whole arrays at once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from recsys.types import Moments

DAY = 86_400.0
HOUR = 3_600.0


def local_hour(at: Moments, zone: str) -> NDArray[np.int8]:
    """Hour of the day, 0-23, in an IANA zone; -1 where the moment is not finite.

    Raises ValueError for a zone that does not exist.
    """
    seconds, finite = _local_seconds(at, zone)
    return np.where(finite, seconds % DAY // HOUR, -1).astype(np.int8)


def minute_of_day(at: Moments, zone: str) -> NDArray[np.intp]:
    """Minutes since local midnight, 0-1439, in an IANA zone; of finite moments.

    Raises ValueError for a zone that does not exist.
    """
    seconds, _ = _local_seconds(at, zone)
    return np.asarray(seconds % DAY // 60).astype(np.intp)


def local_weekday(at: Moments, zone: str) -> NDArray[np.int8]:
    """Day of the week, Monday 0 to Sunday 6, in an IANA zone; -1 where not finite.

    Raises ValueError for a zone that does not exist.
    """
    seconds, finite = _local_seconds(at, zone)
    thursday = 3  # the epoch's weekday
    return np.where(finite, (seconds // DAY + thursday) % 7, -1).astype(np.int8)


def _local_seconds(at: Moments, zone: str) -> tuple[Moments, NDArray[np.bool_]]:
    at = np.asarray(at, dtype=np.float64)
    finite = np.isfinite(at)
    safe = np.where(finite, at, 0.0)
    if safe.size and (alike := _one_offset(zone, float(safe.min()), float(safe.max()))) is not None:
        return safe + alike, finite
    years = safe.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    local = safe.copy()
    for year in np.unique(years):
        starts, offsets = _offsets(zone, int(year))
        within = years == year
        position = np.searchsorted(starts, safe[within], side="right") - 1
        local[within] += offsets[position]
    return local, finite


def _one_offset(zone: str, first: float, last: float) -> float | None:
    """The zone's offset, where it is the same from one moment to the other; else None."""
    year = datetime.fromtimestamp(first, UTC).year
    starts, offsets = (
        np.concatenate(both)
        for both in zip(_offsets(zone, year), _offsets(zone, year + 1), strict=True)
    )
    place = np.searchsorted(starts, [first, last], side="right") - 1
    alike = offsets[place[0] : place[1] + 1]
    within = last < starts[0] + 2 * 365 * DAY
    return float(alike[0]) if within and (alike == alike[0]).all() else None


@lru_cache(maxsize=4096)
def _offsets(zone: str, year: int) -> tuple[Moments, Moments]:
    """The zone's offsets from UTC in a year: from which moment, how many seconds.

    Daylight saving begins and ends at moments that are searched for to the second.
    """
    place = _place(zone)
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    last = first + 366 * int(DAY)
    starts, offsets = [first], [_offset(place, first)]
    for begin in range(first, last, int(DAY)):
        end = min(begin + int(DAY), last)
        if _offset(place, end) != offsets[-1]:
            low, high = begin, end
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (low, middle) if _offset(place, middle) != offsets[-1] else (middle, high)
                )
            starts.append(high)
            offsets.append(_offset(place, high))
    return np.array(starts, dtype=np.float64), np.array(offsets, dtype=np.float64)


def _place(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"{zone!r} is no time zone; give an IANA name such as Europe/Lisbon"
        ) from error


def _offset(place: ZoneInfo, moment: int) -> float:
    offset = datetime.fromtimestamp(moment, place).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
