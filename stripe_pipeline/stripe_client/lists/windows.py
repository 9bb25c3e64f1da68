"""Windows of creation time: what has been read, what is left, and where to split it.

A window (after, upto] holds the objects with after < created <= upto, in Unix seconds; None is
"no bound". Every object lies in exactly one of two adjacent windows.
"""

from collections.abc import Iterable
from typing import NamedTuple

# Nothing is older than Stripe itself; only a guess at how old the oldest data may be.
OLDEST = 1_293_840_000  # 2011-01-01


class Window(NamedTuple):
    """The objects created after `after`, up to and including `upto`."""

    after: int | None
    upto: int | None

    def filters(self) -> list[tuple[str, str]]:
        """Return the window as query parameters of a list."""
        found = []
        if self.after is not None:
            found.append(("created[gt]", str(self.after)))
        if self.upto is not None:
            found.append(("created[lte]", str(self.upto)))
        return found

    def holds(self, created: int | None) -> bool:
        """Tell whether an object created then lies inside; one without a time always does."""
        if created is None:
            return True
        if self.after is not None and created <= self.after:
            return False
        return self.upto is None or created <= self.upto

    def middle(self) -> int | None:
        """Return a bound that splits the window in two, or None where it can't be split."""
        if self.upto is None or self.seconds() < 2:
            return None
        return self.upto - (self.seconds() + 1) // 2

    def seconds(self) -> int:
        """Return the seconds it spans; without a lower bound, since Stripe began."""
        if self.upto is None:
            return 0
        after = min(OLDEST, self.upto - 2) if self.after is None else self.after
        return self.upto - after


EVERYTHING = Window(None, None)


def merged(windows: Iterable[Window]) -> list[Window]:
    """Return the windows in order, with adjacent and overlapping ones joined."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda window: _low(window.after)):
        if found and _low(window.after) <= _high(found[-1].upto):
            found[-1] = Window(found[-1].after, _later(found[-1].upto, window.upto))
        else:
            found.append(window)
    return found


def gaps(covered: Iterable[Window], whole: Window = EVERYTHING) -> list[Window]:
    """Return the windows of the whole that aren't covered."""
    left: list[Window] = []
    start = whole.after
    for window in merged(covered):
        if _low(window.after) > _low(start):
            left.append(Window(start, window.after))
        if window.upto is None:
            return left
        start = window.upto if _low(window.upto) > _low(start) else start
    return [*left, Window(start, whole.upto)]


def _low(bound: int | None) -> float:
    return float("-inf") if bound is None else bound


def _high(bound: int | None) -> float:
    return float("inf") if bound is None else bound


def _later(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else max(left, right)
