"""The limiter against servers that count: it keeps what is published, and learns what is granted.

All of it by a clock of its own, so that the figures are exact and a minute takes no time.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.stripe_client.http.limiter import Limiter
from tests.properties.extent import COMMON, is_soak
from tests.stripe_client.clock import run_at_once

RATE, ENDPOINT_RATE = 100.0, 25.0
RETRY_SECONDS = 0.25

some = settings(max_examples=200 if is_soak else 8, **COMMON)


class Window:
    """Admits so many requests in any one second."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.admitted: deque[float] = deque()

    def admits(self, now: float) -> bool:
        while self.admitted and self.admitted[0] <= now - 1:
            self.admitted.popleft()
        if len(self.admitted) >= int(self.limit):
            return False
        self.admitted.append(now)
        return True


class Bucket:
    """Admits so many requests a second on average, and a few at once."""

    def __init__(self, limit: float, burst: float) -> None:
        self.limit, self.burst = limit, burst
        self._left, self._at = burst, 0.0

    def admits(self, now: float) -> bool:
        self._left = min(self.burst, self._left + (now - self._at) * self.limit)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Traffic:
    """When requests came to the server, by endpoint, and which of them it refused."""

    admitted: list[tuple[float, str]] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def rate(self, since: float, until: float) -> float:
        return sum(since <= at < until for at, _ in self.admitted) / (until - since)

    def share_refused(self, since: float) -> float:
        refused = sum(at >= since for at in self.refused)
        return refused / max(1, refused + sum(at >= since for at, _ in self.admitted))


Admits = Callable[[float], bool]


async def pull(
    limiter: Limiter, admits: Admits, seconds: float, latency: float, endpoints: list[str]
) -> Traffic:
    """Have sixty readers ask one thing after the other for a while, as fast as they may."""
    loop, traffic = asyncio.get_running_loop(), Traffic()

    async def ask(endpoint: str) -> None:
        async with limiter.slot(endpoint) as slot:
            await asyncio.sleep(latency / 2)
            at = loop.time()
            is_admitted = admits(at)
            await asyncio.sleep(latency / 2)
        if is_admitted:
            limiter.grant(slot)
            traffic.admitted.append((at, endpoint))
        else:
            limiter.refuse(slot, "global-rate")
            traffic.refused.append(at)
            await asyncio.sleep(RETRY_SECONDS)

    async def reader(endpoint: str) -> None:
        while loop.time() < seconds:
            await ask(endpoint)

    await asyncio.gather(*(reader(endpoints[n % len(endpoints)]) for n in range(60)))
    return traffic


def most_in_a_second(times: list[float]) -> int:
    window: deque[float] = deque()
    most = 0
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - 1:
            window.popleft()
        most = max(most, len(window))
    return most


@given(latency=st.floats(0.01, 0.5), endpoints=st.integers(1, 8))
@some
def test_the_published_limits_are_used_up_and_never_passed(latency: float, endpoints: int) -> None:
    names = [f"/{n}" for n in range(endpoints)]
    limiter = Limiter(RATE, ENDPOINT_RATE)
    traffic = run_at_once(pull(limiter, lambda now: True, 10, latency, names))
    assert most_in_a_second([at for at, _ in traffic.admitted]) <= RATE
    for name in names:
        times = [at for at, endpoint in traffic.admitted if endpoint == name]
        assert most_in_a_second(times) <= ENDPOINT_RATE
    assert traffic.rate(1, 10) >= 0.95 * min(RATE, ENDPOINT_RATE * endpoints)


servers = st.one_of(
    st.builds(Window, st.integers(20, 99)),
    st.builds(Bucket, st.integers(20, 99), st.integers(3, 50)),
)


@given(server=servers, latency=st.floats(0.02, 0.4))
@some
def test_a_lower_limit_is_found_and_held(server: Window | Bucket, latency: float) -> None:
    traffic = run_at_once(pull(Limiter(RATE, RATE), server.admits, 60, latency, ["/v1/x"]))
    assert traffic.rate(10, 60) >= 0.9 * server.limit
    assert traffic.share_refused(10) < 0.05


def test_forty_a_second_of_a_hundred() -> None:
    server = Window(40)
    traffic = run_at_once(pull(Limiter(RATE, RATE), server.admits, 60, 0.2, ["/v1/x"]))
    assert traffic.rate(0, 60) >= 0.9 * 40
    assert traffic.share_refused(0) < 0.05


def test_a_limit_that_was_met_for_a_while_is_forgotten() -> None:
    squeezed = Window(10)
    traffic = run_at_once(
        pull(
            Limiter(RATE, RATE),
            lambda now: not 20 <= now < 25 or squeezed.admits(now),
            60,
            0.2,
            ["/v1/x"],
        )
    )
    assert traffic.rate(10, 20) >= 0.95 * RATE
    assert traffic.rate(29, 33) >= 0.2 * RATE  # four seconds later
    assert traffic.rate(38, 60) >= 0.95 * RATE


def test_one_refusal_costs_little() -> None:
    refused = iter([False])
    traffic = run_at_once(
        pull(Limiter(RATE, RATE), lambda now: now < 10 or next(refused, True), 30, 0.2, ["/v1/x"])
    )
    assert len(traffic.refused) == 1
    assert traffic.rate(10, 15) >= 0.88 * RATE
    assert traffic.rate(15, 30) >= 0.95 * RATE


async def _read_all(limiter: Limiter, pages: dict[str, int]) -> float:
    """Read so many pages of each endpoint with ten readers each; returns the seconds it took."""
    loop, left = asyncio.get_running_loop(), Counter(pages)

    async def reader(endpoint: str) -> None:
        while left[endpoint] > 0:
            left[endpoint] -= 1
            limiter.expect(endpoint, left[endpoint])
            async with limiter.slot(endpoint):
                await asyncio.sleep(0.2)

    await asyncio.gather(*(reader(endpoint) for endpoint in pages for _ in range(10)))
    return loop.time()


def test_the_longest_list_is_never_kept_waiting_by_short_ones() -> None:
    """Else it would still be read, at its own limit, when all the others are done."""
    pages = {"/short": 100} | {f"/{n}": 300 for n in range(8)} | {"/long": 700}
    assert run_at_once(_read_all(Limiter(RATE, ENDPOINT_RATE), pages)) < 33.5  # 3200 / 98 = 32.7


@pytest.mark.parametrize(
    ("reason", "total", "own", "other"),
    [
        ("global-rate", 0.45, 1, 1),
        ("endpoint-rate", 1, 0.45, 1),
        ("resource-specific", 1, 0.45, 1),
        ("", 1, 0.45, 1),
        ("global-concurrency", 1, 1, 1),
        ("endpoint-concurrency", 1, 1, 1),
    ],
)
def test_what_is_slowed_is_what_was_met(
    reason: str, total: float, own: float, other: float
) -> None:
    limiter = Limiter(RATE, ENDPOINT_RATE)

    async def meet() -> list[float]:
        async with limiter.slot("/b"), limiter.slot("/a") as slot:
            limiter.refuse(slot, reason)
        gates = [limiter._total, limiter._line("/a").gate, limiter._line("/b").gate]
        return [gate.rate.at(0) / gate.rate.most for gate in gates]

    assert run_at_once(meet()) == pytest.approx([total, own, other])
