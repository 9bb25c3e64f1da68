"""Adaptive rate limiting: the full limit until Stripe answers 429, then what it grants.

Stripe's limits apply to the account, are shared with its other clients, and may be lower than the
published ones. So a 429 sets a limit to just below what was granted in the second before it.
From there it rises as TCP CUBIC does: quickly back to what was granted, slowly past it, then ever
faster, so that a lasting limit is seldom hit and a passing one is soon forgotten.
Source of the curve: https://www.rfc-editor.org/rfc/rfc9438
"""

from collections import deque

# The share by which a limit is lowered below what was granted.
DIP = 0.1
# Seconds to rise from what was granted last to that plus the whole limit.
RISE_SECONDS = 10.0
# Limits are counted per second, so a 429 within a second of the last one adds no information.
WINDOW_SECONDS = 1.0
# Never less than this share of the limit.
LEAST = 1 / 16
# The precision of the event loop's timers; a request that leaves late is made up for.
SLACK_SECONDS = 0.015
# Network jitter can put more requests into one of Stripe's seconds than left in one of ours.
HEADROOM = 0.98


class Allowance:
    """The part of a limit that is used at the moment; times are seconds of a monotonic clock."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._granted = most
        self._refused_at = float("-inf")

    def at(self, now: float) -> float:
        """Return the part of the limit that may be used, in the limit's unit."""
        dip = (DIP * self._granted / self.most) ** (1 / 3)
        rise = (now - self._refused_at) / RISE_SECONDS - dip
        allowed: float = min(self.most, max(self.most * LEAST, self._granted + self.most * rise**3))
        return allowed

    def refuse(self, left_at: float, now: float, granted: float) -> None:
        """Lower the limit: a request sent at `left_at` got a 429, while `granted` succeeded."""
        if left_at < self._refused_at + WINDOW_SECONDS:
            return
        # A sync that has just started has counted less than a full window of grants.
        self._granted = min(self.at(now), max(granted, self.at(now) / 2))
        self._refused_at = now


class Gate:
    """One of Stripe's limits: requests per second, and concurrent requests."""

    def __init__(self, rate: float, concurrency: int) -> None:
        self.rate = Allowance(rate)
        self.room = Allowance(concurrency)
        self.opens_at = float("-inf")  # when the pace lets the next request leave
        self._busy = 0
        self._answered: deque[float] = deque()

    def has_room(self, now: float) -> bool:
        """Tell whether one more request may be in flight."""
        return self._busy < max(1, int(self.room.at(now)))

    def leave(self, now: float) -> None:
        """Count a request as in flight and set when the next may leave."""
        self._busy += 1
        interval = 1 / (self.rate.at(now) * HEADROOM)
        self.opens_at = max(self.opens_at, now - SLACK_SECONDS) + interval

    def come_back(self) -> None:
        """Note that a request has ended, successfully or not."""
        self._busy -= 1

    def grant(self, now: float) -> None:
        """Note that Stripe didn't refuse a request."""
        self._answered.append(now)
        self._forget(now)

    def refuse(self, left_at: float, now: float, is_crowded: bool) -> None:
        """Note a 429: of the concurrency limit if `is_crowded`, else of the rate limit."""
        if is_crowded:
            self.room.refuse(left_at, now, self._busy)
        else:
            self._forget(now)
            self.rate.refuse(left_at, now, len(self._answered) / WINDOW_SECONDS)

    def _forget(self, now: float) -> None:
        while self._answered and self._answered[0] <= now - WINDOW_SECONDS:
            self._answered.popleft()
