"""The parameters of a demo merchant: its seed, its size and the present."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stripe_pipeline.demo.store.chance import DAY

API_VERSION = "2026-10-28.endive"
EVENT_DAYS = 30
HISTORY_DAYS = 3 * 365
ACCOUNT_NAME = "Fernweh Coffee"
ACCOUNT_COUNTRY = "US"


@dataclass(frozen=True)
class World:
    """The parameters that a demo store's data depends on; `now` is in Unix seconds."""

    customers: int
    seed: int
    now: int

    @property
    def start(self) -> int:
        """The opening of the merchant, three years before the present."""
        return self.now - HISTORY_DAYS * DAY

    @property
    def events_since(self) -> int:
        """The time since which Stripe lists events: the last 30 days."""
        return self.now - EVENT_DAYS * DAY


def add_months(moment: int, months: int) -> int:
    """Return the same day and time some months later, clamped to the month's last day."""
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first = start.replace(year=year, month=month + 1, day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    days = (next_first - first).days
    return int(first.replace(day=min(start.day, days)).timestamp())


def advance(moment: int, interval: str, count: int) -> int:
    """Return the end of a billing period that starts at `moment`."""
    if interval in ("month", "year"):
        return add_months(moment, count * (12 if interval == "year" else 1))
    return moment + count * (7 if interval == "week" else 1) * DAY
