"""Tell the log what was refused and why: every delivery is counted, and no flood fills the log.

The first refusal is told at once. Those of the next seconds are told together when these are over,
whether another comes or not; what is left is told when the receiver ends, with all counts.
"""

import asyncio
import logging
from collections import Counter

from stripe_pipeline.words import counted

logger = logging.getLogger(__name__)

# One line for each reason says what was refused in so many seconds.
NOTICE_SECONDS = 5.0
# Reasons are a few fixed sentences; what a disk says may make some more.
MOST_REASONS = 50
_OTHER = "other reasons"


class Refusals:
    """What was refused by one receiver; belongs to one event loop."""

    def __init__(self) -> None:
        self._untold: Counter[str] = Counter()
        self._all: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, reason: str) -> None:
        """Count a refusal, and tell of it now or within NOTICE_SECONDS."""
        known = reason in self._all or len(self._all) < MOST_REASONS
        name = reason if known else _OTHER
        self._untold[name] += 1
        self._all[name] += 1
        if self._timer is None:
            self._tell()

    def close(self) -> None:
        """Tell what wasn't told yet, and what was refused in all."""
        if self._timer is not None:
            self._timer.cancel()
        for reason, count in self._untold.items():
            self._log("Refused", reason, count)
        self._untold.clear()
        for reason, count in self._all.items():
            self._log("Refused in all since the start", reason, count)

    def _tell(self) -> None:
        """Tell what there is, and look again in a while; once nothing comes, the next is new."""
        told = self._untold
        for reason, count in told.items():
            self._log("Refused", reason, count)
        self._untold = Counter()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(NOTICE_SECONDS, self._tell) if told else None

    def _log(self, what: str, reason: str, count: int) -> None:
        many = counted(count, "delivery", "deliveries")
        logger.warning("%s %s: %s", what, many, reason)
