"""Estimate the progress of a full read, since Stripe's lists give no total count."""

from collections.abc import Sequence

from stripe_pipeline.stripe_client.lists.windows import Window, merged
from stripe_pipeline.values.objects import ObjectRow

# An estimate never shows 100 % before the end is reached.
_ALMOST = 0.99


class Coverage:
    """The share of a pass that has been read.

    By the number of objects where the lake knows it from the last pass; else by time, as if objects
    were created evenly since the oldest, which is found early: nearly empty years are read soon.
    """

    def __init__(self, known: int, before: Sequence[Window], now: int) -> None:
        """Start with `known` objects in the lake and the windows that an earlier run has read."""
        self._known = known
        self._before = merged(before)
        self._windows = list(self._before)
        self._now = now
        self._read = 0
        self._oldest: int | None = None

    def note(self, rows: Sequence[ObjectRow], covers: Sequence[Window]) -> float | None:
        """Add rows and the windows they complete; return the share, None while it is unknown."""
        self._read += len(rows)
        self._windows = merged([*self._windows, *covers])
        created = [row.created for row in rows if row.created is not None]
        self._oldest = min(
            [*created, *([] if self._oldest is None else [self._oldest])], default=None
        )
        share = self._by_number() if self._known and not self._before else self._by_time()
        return None if share is None else min(max(share, 0.0), _ALMOST)

    def _by_number(self) -> float:
        return self._read / self._known

    def _by_time(self) -> float | None:
        start = self._start()
        if start is None or start >= self._now:
            return None
        before = _seconds(self._before, start, self._now)
        left = self._now - start - before
        return (_seconds(self._windows, start, self._now) - before) / left if left else None

    def _start(self) -> int | None:
        """Return a lower bound of the creation times, None while older objects are possible."""
        first = self._windows[0] if self._windows else None
        if first is None or first.after is not None or first.upto is None or self._oldest is None:
            return None
        return min(first.upto, self._oldest)


def _seconds(windows: Sequence[Window], start: int, end: int) -> int:
    """Return how many seconds between start and end the windows cover."""
    bounds = [
        (start if each.after is None else each.after, end if each.upto is None else each.upto)
        for each in windows
    ]
    return sum(max(0, min(upto, end) - max(after, start)) for after, upto in bounds)
