"""When a campaign's messages go out: days of the week, hours of the day, a first and a last day.

schedule:
  days: [mon, tue, wed]
  between: 09:00-18:00
  not_before: 2026-12-01
  until: 2026-12-24

All of it is meant in the recipient's time zone. `between` is from its first minute up to, and
without, its last; `until` is the last day. A time that the clocks skip or repeat counts as they
show it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal, get_args

from stripe_pipeline.values.zones import load_zone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
Zones = tuple[str, ...]
Hold = Literal["before_start", "outside_window", "expired"]
HOLDS: tuple[Hold, ...] = get_args(Hold)

_BETWEEN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
# Every offset from UTC, and every change of one, is a multiple of it.
_STEP = timedelta(minutes=15)
_WEEK = timedelta(days=7)
_MINUTES = 24 * 60


@dataclass(frozen=True)
class Hours:
    """Hours of the day, in minutes from its beginning: from `start` up to, and without, `end`."""

    start: int = 0
    end: int = _MINUTES

    @classmethod
    def read(cls, text: str) -> "Hours | None":
        """Return the hours of a text such as 09:00-18:00; None where it is none."""
        match = _BETWEEN.fullmatch(text.strip())
        if not match:
            return None
        hour, minute, end_hour, end_minute = map(int, match.groups())
        found = cls(60 * hour + minute, 60 * end_hour + end_minute)
        is_clock = minute < 60 and end_minute < 60 and found.start < found.end <= _MINUTES
        return found if is_clock else None

    def __contains__(self, clock: time) -> bool:
        return self.start <= 60 * clock.hour + clock.minute < self.end


@dataclass(frozen=True)
class Schedule:
    """When messages may go out; a `Schedule()` is always."""

    days: frozenset[Day] = frozenset(DAYS)
    hours: Hours = Hours()
    not_before: date | None = None
    until: date | None = None

    def is_open(self, instant: datetime, zones: Zones) -> bool:
        """Return whether a message may go out at an instant in all of these zones."""
        return all(self._is_open_in(instant, zone) for zone in zones)

    def _is_open_in(self, instant: datetime, zone: str) -> bool:
        local = instant.astimezone(load_zone(zone))
        return (
            self._hold_by_date(local.date()) is None
            and DAYS[local.weekday()] in self.days
            and local.time() in self.hours
        )

    def _hold_by_date(self, day: date) -> Hold | None:
        if self.until and day > self.until:
            return "expired"
        return "before_start" if self.not_before and day < self.not_before else None

    def hold(self, since: datetime, as_of: datetime, zones: Zones, reporting: str) -> Hold | None:
        """Return why a message can't go out from `since` to `as_of`, None where it can.

        For a run both are the same instant. A person who may be in several zones is written to when
        it is the time in all of them. The reporting zone stands in where nothing is known, and
        where the zones are so far apart that it never is.
        """
        where = zones if zones and self._ever_agree(zones) else (reporting,)
        if any(self.is_open(instant, where) for instant in self._instants(since, as_of)):
            return None
        days = [as_of.astimezone(load_zone(zone)).date() for zone in where]
        holds = {self._hold_by_date(day) for day in days}
        # No zone goes back to an earlier day: once one has passed the last day, it stays shut.
        return next(
            (each for each in ("expired", "before_start") if each in holds), "outside_window"
        )

    def _instants(self, since: datetime, as_of: datetime) -> Iterator[datetime]:
        """Yield the beginning, and each instant up to as-of at which a window may open."""
        yield since
        first = since.replace(minute=0, second=0, microsecond=0)
        shift = timedelta(minutes=self.hours.start % 15)
        for number in range((as_of - first) // _STEP + 1):
            for instant in (first + number * _STEP, first + number * _STEP + shift):
                if since < instant <= as_of:
                    yield instant

    def _ever_agree(self, zones: Zones) -> bool:
        return len(zones) == 1 or _ever_agree(self.hours, zones)


@cache
def _ever_agree(hours: Hours, zones: Zones) -> bool:
    """Return whether the hours of the day meet in all zones, in winter and in summer."""
    always = Schedule(hours=hours)
    return all(
        any(always.is_open(instant, zones) for instant in always._instants(day, day + _WEEK / 7))
        for day in (_WINTER, _SUMMER)
    )


_WINTER = datetime.fromisoformat("2026-01-15T00:00:00+00:00")
_SUMMER = datetime.fromisoformat("2026-07-15T00:00:00+00:00")
