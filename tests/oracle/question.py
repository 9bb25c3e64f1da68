"""What is asked of the calculation: the instant, the reporting currency and zone, the rates,
and which metadata and overrides the settings name.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .money import Rates


@dataclass(frozen=True)
class Question:
    """The as-of instant (UTC, aware), the reporting currency and zone, and the order sources.

    `overrides` are the rows of the file: action (join or apart), customer, other.
    """

    as_of: datetime
    currency: str = "usd"
    zone: str = "UTC"
    rates: tuple[tuple[date, str, Decimal], ...] = ()
    order_sources: tuple[str, ...] = ("invoice", "payment")
    metadata: tuple[str, ...] = ()
    person_key: str = ""
    overrides: tuple[tuple[str, str, str], ...] = ()
    _rates: Rates = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rates", Rates(self.currency, self.rates))

    @property
    def table(self) -> Rates:
        """The rates, ready to convert with."""
        return self._rates

    def exists(self, seconds: int | None) -> bool:
        """Whether a fact dated so (Unix seconds) had happened by the as-of instant."""
        return seconds is not None and instant(seconds) <= self.as_of

    def local(self, moment: datetime) -> datetime:
        """A moment on the reporting zone's clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    def day(self, seconds: int) -> date:
        """The calendar day of a moment in the reporting zone."""
        return self.local(instant(seconds)).date()

    @property
    def today(self) -> date:
        """The as-of instant's calendar day in the reporting zone."""
        return self.local(self.as_of).date()

    def days_before(self, days: int) -> datetime:
        """The as-of instant moved back by calendar days, at the same time of day."""
        return self._wall(self.local(self.as_of).replace(tzinfo=None) - timedelta(days=days))

    def days_after(self, days: int) -> datetime:
        """The as-of instant moved on by calendar days, at the same time of day."""
        return self.days_before(-days)

    def months_before(self, months: int) -> datetime:
        """The as-of instant moved back by calendar months, the day clamped to the month's end."""
        wall = self.local(self.as_of).replace(tzinfo=None)
        index = wall.year * 12 + wall.month - 1 - months
        year, month = divmod(index, 12)
        last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        return self._wall(wall.replace(year=year, month=month + 1, day=min(wall.day, last)))

    def _wall(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def instant(seconds: int) -> datetime:
    """Unix seconds as a moment in UTC; years that Python can't hold are an error."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def naive(seconds: int | None) -> datetime | None:
    """Unix seconds as the marts show them: UTC, without a zone."""
    return None if seconds is None else instant(seconds).replace(tzinfo=None)
