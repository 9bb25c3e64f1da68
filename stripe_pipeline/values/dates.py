"""Calendar days of instants."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def day_in(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in a zone; an instant without a zone is UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(zone).date()
