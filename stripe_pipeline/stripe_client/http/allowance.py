"""What is left of a limit: all of it until Stripe refuses, then what it turns out to grant.

Stripe's limits are one account's, shared with whatever else uses it, and may be lower than the
published ones. So a refusal sets a limit to just below what was granted in the second before it.
From there it rises as TCP CUBIC does: quickly back to what was granted, slowly past it, then ever
faster, so that a limit that stays is seldom met and one that is gone is soon forgotten.
Source of the curve: https://www.rfc-editor.org/rfc/rfc9438
"""

from collections import deque

# How far below what was granted to go on from.
DIP = 0.1
# Seconds from what was granted last to that plus the whole of the limit.
RISE_SECONDS = 10.0
# Limits are counted by the second, so what is sent sooner after a refusal tells nothing new.
WINDOW_SECONDS = 1.0
# Never less than this share of the limit.
LEAST = 1 / 16
# Timers of the event loop are about this exact; what is late is made up for.
SLACK_SECONDS = 0.015
# What Stripe counts by the second, the network makes uneven.
HEADROOM = 0.98


class Allowance:
    """The part of a limit that is used at the moment; times are seconds of a steady clock."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._granted = most
        self._refused_at = float("-inf")

    def at(self, now: float) -> float:
        """Return what may be used."""
        dip = (DIP * self._granted / self.most) ** (1 / 3)
        rise = (now - self._refused_at) / RISE_SECONDS - dip
        return min(self.most, max(self.most * LEAST, self._granted + self.most * rise**3))

    def refuse(self, left_at: float, now: float, granted: float) -> None:
        """Use less: a request that left at `left_at` was refused, while `granted` went well."""
        if left_at < self._refused_at + WINDOW_SECONDS:
            return
        # How much went well is known only in part when a sync has just begun.
        self._granted = min(self.at(now), max(granted, self.at(now) / 2))
        self._refused_at = now


class Gate:
    """One limit of Stripe's: so many requests a second, and so many at the same time."""

    def __init__(self, rate: float, concurrency: int) -> None:
        self.rate = Allowance(rate)
        self.room = Allowance(concurrency)
        self.opens_at = float("-inf")  # when the pace lets the next request leave
        self._busy = 0
        self._answered: deque[float] = deque()

    def has_room(self, now: float) -> bool:
        """Tell whether one more may be under way."""
        return self._busy < max(1, int(self.room.at(now)))

    def leave(self, now: float) -> None:
        """Let a request go."""
        self._busy += 1
        interval = 1 / (self.rate.at(now) * HEADROOM)
        self.opens_at = max(self.opens_at, now - SLACK_SECONDS) + interval

    def come_back(self) -> None:
        """Note that a request has ended, in whatever way."""
        self._busy -= 1

    def grant(self, now: float) -> None:
        """Note that Stripe didn't refuse a request."""
        self._answered.append(now)
        self._forget(now)

    def refuse(self, left_at: float, now: float, is_crowded: bool) -> None:
        """Note that Stripe refused one: too many at a time if `is_crowded`, else too many."""
        if is_crowded:
            self.room.refuse(left_at, now, self._busy)
        else:
            self._forget(now)
            self.rate.refuse(left_at, now, len(self._answered) / WINDOW_SECONDS)

    def _forget(self, now: float) -> None:
        while self._answered and self._answered[0] <= now - WINDOW_SECONDS:
            self._answered.popleft()
