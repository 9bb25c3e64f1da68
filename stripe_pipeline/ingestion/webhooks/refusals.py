"""Log refused deliveries with their reasons, aggregated so that a flood doesn't fill the log.

The first refusal is logged at once. Those of the next NOTICE_SECONDS are logged together at their
end; the rest is logged when the receiver ends, with the total counts.
"""

import asyncio
import logging
from collections import Counter

from stripe_pipeline.values.words import counted

logger = logging.getLogger(__name__)

# At most one line per reason in this many seconds.
NOTICE_SECONDS = 5.0
# Reasons are a few fixed sentences; messages of the operating system may add more.
MOST_REASONS = 50
_OTHER = "other reasons"


class Refusals:
    """The refusals of one receiver; belongs to one event loop."""

    def __init__(self) -> None:
        self._untold: Counter[str] = Counter()
        self._all: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, reason: str) -> None:
        """Count a refusal, and log it now or within NOTICE_SECONDS."""
        known = reason in self._all or len(self._all) < MOST_REASONS
        name = reason if known else _OTHER
        self._untold[name] += 1
        self._all[name] += 1
        if self._timer is None:
            self._tell()

    def close(self) -> None:
        """Log the refusals not logged yet, and the totals."""
        if self._timer is not None:
            self._timer.cancel()
        for reason, count in self._untold.items():
            self._log("Refused", reason, count)
        self._untold.clear()
        for reason, count in self._all.items():
            self._log("Refused in all since the start", reason, count)

    def _tell(self) -> None:
        """Log pending refusals; if there were any, do so again after NOTICE_SECONDS."""
        told = self._untold
        for reason, count in told.items():
            self._log("Refused", reason, count)
        self._untold = Counter()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(NOTICE_SECONDS, self._tell) if told else None

    def _log(self, what: str, reason: str, count: int) -> None:
        many = counted(count, "delivery", "deliveries")
        logger.warning("%s %s: %s", what, many, reason)
