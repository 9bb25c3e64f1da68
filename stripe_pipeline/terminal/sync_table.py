"""The progress of a sync, as a table on a terminal."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from stripe_pipeline.values.words import counted

# The window of the rates, in seconds.
_RECENT_SECONDS = 15.0
# Narrower terminals get no bars.
_ROOM_FOR_BARS = 72
_BAR = 16


@dataclass
class _Row:
    """One resource: objects read, their share of all where it's known, and its start time."""

    began: float
    read: int = 0
    share: float | None = None
    last: float = 0.0

    @property
    def rate(self) -> float:
        return self.read / max(self.last - self.began, 1.0)

    @property
    def left(self) -> float:
        """The estimated number of remaining objects."""
        return self.read * (1 - self.share) / self.share if self.share else 0.0


@dataclass
class SyncTable:
    """A table with a row per resource that is or was being read, and a line for all of them."""

    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    rows: dict[str, _Row] = field(default_factory=dict)
    _recent: deque[tuple[float, int, int]] = field(default_factory=deque)

    def advance(self, resource: str, read: int, requests: int, share: float | None) -> None:
        """Update a resource's progress; without a share it keeps the one it had."""
        now = self.clock()
        row = self.rows.setdefault(resource, _Row(now))
        row.read, row.last = read, now
        row.share = row.share if share is None else share
        self.requests = requests
        self._recent.append((now, sum(each.read for each in self.rows.values()), requests))
        while self._recent[0][0] < now - _RECENT_SECONDS:
            self._recent.popleft()

    def clear(self) -> None:
        """Remove all rows: the sync is over."""
        self.rows.clear()
        self._recent.clear()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.rows:
            return
        has_bars = options.max_width >= _ROOM_FOR_BARS
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        for _ in range(2):
            table.add_column(justify="right", no_wrap=True)
        table.add_column(justify="left" if has_bars else "right", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        for name, row in list(self.rows.items()):
            table.add_row(*self._cells(name, row, has_bars))
        yield table
        yield Text(self._summary(), no_wrap=True, overflow="ellipsis")

    def _cells(self, name: str, row: _Row, has_bars: bool) -> list[Text | ProgressBar]:
        done: Text | ProgressBar = Text("")
        if row.share is not None and has_bars:
            done = ProgressBar(total=1.0, completed=row.share, width=_BAR)
        elif row.share is not None:
            done = Text(f"{100 * row.share:.0f} %")
        left = "done" if row.share == 1.0 else _in_words(self._seconds_left(row))
        return [Text(name), Text(f"{row.read:,}"), Text(f"{row.rate:,.0f}/s"), done, Text(left)]

    def _seconds_left(self, row: _Row) -> float | None:
        return row.left / row.rate if row.share and row.rate else None

    def _summary(self) -> str:
        objects, requests = self._rates()
        read = sum(row.read for row in self.rows.values())
        left = sum(row.left for row in self.rows.values())
        seconds = left / objects if objects and left else None
        parts = [
            counted(read, "object"),
            f"{objects:,.0f}/s",
            counted(self.requests, "request"),
            f"{requests:,.0f}/s",
            *([f"{_in_words(seconds)} left"] if seconds else []),
        ]
        return ", ".join(parts)

    def _rates(self) -> tuple[float, float]:
        """Return the recent objects and requests per second."""
        if not self._recent:
            return 0.0, 0.0
        (began, objects, requests), (ended, more, asked) = self._recent[0], self._recent[-1]
        seconds = max(ended - began, 1.0)
        return (more - objects) / seconds, (asked - requests) / seconds


def _in_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
