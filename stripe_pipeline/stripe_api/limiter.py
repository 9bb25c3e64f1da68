"""Keep within what Stripe allows an account: requests a second in all and per endpoint.

Stripe allows 100 requests a second live and 25 in test mode, and 25 a second to any one endpoint;
a 429 says in Stripe-Rate-Limited-Reason which of its limits was met.
Source: https://docs.stripe.com/rate-limits
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from stripe_pipeline.settings import STRIPE_API, Settings
from stripe_pipeline.stripe_api.keys import Key

RATES = {"live": 100.0, "test": 25.0}
ENDPOINT_RATE = 25.0
CONCURRENCY = 32

# Timers of the event loop are about this exact; without the slack, waits would add up.
SLACK_SECONDS = 0.02
# After a 429 the pace is halved, and doubles again every so many seconds.
EASE_SECONDS = 5.0
MOST_HALVINGS = 4
# Requests that were under way together are refused together: that is one reason to slow down.
SAME_REFUSAL_SECONDS = 1.0

Clock = Callable[[], float]


class _Slowing:
    """How often a limit is halved at the moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._halvings = 0
        self._since = float("-inf")

    def divisor(self) -> int:
        return 1 << self._level(self._clock())

    def slow_down(self) -> None:
        now = self._clock()
        if now - self._since >= SAME_REFUSAL_SECONDS:
            self._halvings = min(self._level(now) + 1, MOST_HALVINGS)
            self._since = now

    def _level(self, now: float) -> int:
        if self._halvings == 0:
            return 0
        return max(0, self._halvings - int((now - self._since) / EASE_SECONDS))


class Pace:
    """A steady number of requests a second."""

    def __init__(self, rate: float, clock: Clock = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._slowing = _Slowing(clock)
        self._next = float("-inf")

    def reserve(self) -> float:
        """Take the next place in the row; returns the seconds to wait until it comes."""
        now = self._clock()
        self._next = max(self._next, now - SLACK_SECONDS)
        wait = max(0.0, self._next - now)
        self._next += self._slowing.divisor() / self.rate
        return wait

    def slow_down(self) -> None:
        """Halve the rate for a while."""
        self._slowing.slow_down()


class Limiter:
    """One for all requests of a key: total rate, rate per endpoint, requests under way."""

    def __init__(self, rate: float, endpoint_rate: float, concurrency: int = CONCURRENCY) -> None:
        self._total = Pace(rate)
        self._endpoint_rate = endpoint_rate
        self._endpoints: dict[str, Pace] = {}
        self._concurrency = concurrency
        self._crowding = _Slowing(time.monotonic)
        self._busy = 0
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self, endpoint: str) -> AsyncIterator[float]:
        """Wait until a request to the endpoint may leave, and count it as under way meanwhile.

        Gives the seconds for which the pace held it back.
        """
        held_back = await _wait(self._endpoint(endpoint)) + await _wait(self._total)
        async with self._freed:
            await self._freed.wait_for(self._has_room)
            self._busy += 1
        try:
            yield held_back
        finally:
            self._busy -= 1
            async with self._freed:
                self._freed.notify()

    def slow_down(self, endpoint: str, reason: str) -> None:
        """Answer a 429; `reason` is Stripe-Rate-Limited-Reason, "" where there was none."""
        if reason.endswith("concurrency"):
            self._crowding.slow_down()
        elif reason == "global-rate":
            self._total.slow_down()
        else:
            self._endpoint(endpoint).slow_down()

    def _endpoint(self, endpoint: str) -> Pace:
        return self._endpoints.setdefault(endpoint, Pace(self._endpoint_rate))

    def _has_room(self) -> bool:
        return self._busy < max(1, self._concurrency // self._crowding.divisor())


async def _wait(pace: Pace) -> float:
    seconds = pace.reserve()
    if seconds:
        await asyncio.sleep(seconds)
    return seconds


def make_limiter(settings: Settings, key: Key) -> Limiter:
    """Build the limiter for a key: Stripe's published limits, or the rate in the settings.

    STRIPE_PIPELINE_RATE_LIMIT on Stripe itself says that Stripe has granted the account another
    total; an endpoint then gets a quarter of it, as in the published limits, and never less than
    25 a second unless the total is less. On any other base address there are no limits but the
    one in the setting, so it holds for each endpoint too.
    """
    rate = settings.rate_limit
    if rate is None:
        return Limiter(RATES[key.mode], ENDPOINT_RATE)
    if settings.stripe_api_base.rstrip("/") == STRIPE_API:
        return Limiter(rate, min(rate, max(ENDPOINT_RATE, rate / 4)))
    return Limiter(rate, rate)
