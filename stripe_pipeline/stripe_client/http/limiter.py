"""Keep within Stripe's rate limits of an account: requests per second, in all and per endpoint.

Stripe allows 100 requests a second live and 25 in test mode, and 25 a second to any one endpoint;
a 429 says in Stripe-Rate-Limited-Reason which of its limits was hit.
Source: https://docs.stripe.com/rate-limits

Requests wait in one queue per endpoint. The order between queues decides how long a sync takes:
since no endpoint may be read faster than its own limit, the one with most left to read is first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.base_address import STRIPE_API
from stripe_pipeline.stripe_client.http.allowance import Gate
from stripe_pipeline.stripe_client.http.keys import Key

RATES = {"live": 100.0, "test": 25.0}
ENDPOINT_RATE = 25.0
# Enough for 100 requests a second that are answered within 0.64 seconds.
CONCURRENCY = 64
# Fewer requests than this wait by chance alone, since they arrive unevenly.
ENOUGH_WAITING = 3


@dataclass(frozen=True)
class Slot:
    """A request that may be sent: when, and how many seconds the rate limit held it back."""

    endpoint: str
    left_at: float
    held_back: float


@dataclass
class _Line:
    """The queue of requests for one endpoint, each with its time of joining."""

    endpoint: str
    gate: Gate
    # How many requests are still to follow, as far as is known. Without an estimate (a single
    # object, a nested list) other work waits for the request, so it is first.
    left: float = float("inf")
    waiting: deque[tuple[float, asyncio.Future[Slot]]] = field(default_factory=deque)

    def urgency(self) -> tuple[float, float]:
        return self.left, -self.waiting[0][0]

    def let_go(self, now: float, opened_at: float) -> None:
        """Release the first request; `opened_at` is when the rate limit alone allowed it."""
        joined_at, turn = self.waiting.popleft()
        self.gate.leave(now)
        turn.set_result(Slot(self.endpoint, now, max(0.0, opened_at - joined_at)))


class Limiter:
    """Limits all requests of a key: total rate, rate per endpoint, concurrent requests.

    It belongs to one event loop and uses its clock.
    """

    def __init__(self, rate: float, endpoint_rate: float, concurrency: int = CONCURRENCY) -> None:
        self._total = Gate(rate, concurrency)
        self._endpoint_rate = endpoint_rate
        self._concurrency = concurrency
        self._lines: dict[str, _Line] = {}
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def slot(self, endpoint: str) -> AsyncIterator[Slot]:
        """Wait until a request to the endpoint may be sent; it is in flight inside the block."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Slot] = loop.create_future()
        self._line(endpoint).waiting.append((loop.time(), turn))
        self._let_go()
        try:
            yield await turn
        finally:
            if not turn.cancelled():
                self._come_back(endpoint)

    def expect(self, endpoint: str, requests: float) -> None:
        """Set the estimate of how many more requests to an endpoint will follow."""
        self._line(endpoint).left = requests

    def is_busy(self, endpoint: str) -> bool:
        """Tell whether so many requests to the endpoint wait that another would only wait too."""
        return len(self._line(endpoint).waiting) >= ENOUGH_WAITING

    def grant(self, slot: Slot) -> None:
        """Record that a request was within Stripe's limits."""
        now = asyncio.get_running_loop().time()
        self._total.grant(now)
        self._line(slot.endpoint).gate.grant(now)

    def refuse(self, slot: Slot, reason: str) -> None:
        """Record a 429; `reason` is Stripe-Rate-Limited-Reason, "" where there was none."""
        gate = self._total if reason.startswith("global") else self._line(slot.endpoint).gate
        now = asyncio.get_running_loop().time()
        gate.refuse(slot.left_at, now, is_crowded=reason.endswith("concurrency"))

    def _line(self, endpoint: str) -> _Line:
        if endpoint not in self._lines:
            self._lines[endpoint] = _Line(endpoint, Gate(self._endpoint_rate, self._concurrency))
        return self._lines[endpoint]

    def _come_back(self, endpoint: str) -> None:
        self._total.come_back()
        self._line(endpoint).gate.come_back()
        self._let_go()

    def _let_go(self) -> None:
        """Release every request that may be sent now, and schedule the next."""
        now = asyncio.get_running_loop().time()
        while lines := self._lines_with_room(now):
            ready = [line for line in lines if self._opens_at(line) <= now]
            if not ready:
                self._wake_at(min(map(self._opens_at, lines)))
                return
            line = max(ready, key=_Line.urgency)
            line.let_go(now, self._opens_at(line))
            self._total.leave(now)

    def _opens_at(self, line: _Line) -> float:
        return max(line.gate.opens_at, self._total.opens_at)

    def _lines_with_room(self, now: float) -> list[_Line]:
        """Return the queues whose first request waits for the rate alone, not for a free slot."""
        if not self._total.has_room(now):
            return []
        for line in self._lines.values():
            while line.waiting and line.waiting[0][1].cancelled():
                line.waiting.popleft()
        return [line for line in self._lines.values() if line.waiting and line.gate.has_room(now)]

    def _wake_at(self, moment: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(moment, self._let_go)


def make_limiter(settings: Settings, key: Key) -> Limiter:
    """Build the limiter for a key: Stripe's published limits, or the rate in the settings.

    With Stripe's own address, STRIPE_PIPELINE_RATE_LIMIT is the total that Stripe has granted the
    account; an endpoint then gets a quarter of it, as in the published limits, and never less than
    25 a second unless the total is less. With any other base address the setting is the only
    limit, so it applies to each endpoint too.
    """
    rate = settings.rate_limit
    if rate is None:
        return Limiter(RATES[key.mode], ENDPOINT_RATE)
    if settings.stripe_api_base.rstrip("/") == STRIPE_API:
        return Limiter(rate, min(rate, max(ENDPOINT_RATE, rate / 4)))
    return Limiter(rate, rate)
