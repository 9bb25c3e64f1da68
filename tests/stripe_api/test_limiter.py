"""The pace that Stripe allows is kept, and halved for a while when Stripe asks."""

import asyncio
import time
from collections.abc import Callable

import pytest

from stripe_pipeline.settings import STRIPE_API, Settings
from stripe_pipeline.stripe_api.client import Client
from stripe_pipeline.stripe_api.keys import require_key
from stripe_pipeline.stripe_api.limiter import Limiter, Pace, make_limiter
from stripe_pipeline.stripe_api.retries import RetryPolicy
from stripe_pipeline.stripe_api.sync import sync
from tests.stripe_api.fake import Account, error
from tests.stripe_api.shop import add_customer

SLOW_POLICY = RetryPolicy(first_wait=0.2)


def spacing(pace: Pace, clock: list[float]) -> float:
    """Seconds between two requests that leave as early as they may."""
    clock[0] += pace.reserve()
    wait = pace.reserve()
    clock[0] += wait
    return round(wait, 3)


def test_a_refusal_halves_the_pace_for_a_while() -> None:
    clock = [100.0]
    pace = Pace(10, lambda: clock[0])
    pace.reserve()
    assert spacing(pace, clock) == 0.1
    pace.slow_down()
    pace.slow_down()  # requests under way together are one reason
    pace.reserve()
    assert spacing(pace, clock) == 0.2
    clock[0] += 1
    pace.slow_down()
    clock[0] += pace.reserve()
    assert spacing(pace, clock) == 0.4
    clock[0] += 20
    pace.reserve()
    assert spacing(pace, clock) == 0.1


async def _most_at_once(limiter: Limiter, requests: int) -> int:
    busy, most = 0, 0

    async def request() -> None:
        nonlocal busy, most
        async with limiter.slot("/v1/x"):
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0.002)
            busy -= 1

    await asyncio.gather(*(request() for _ in range(requests)))
    return most


def test_concurrency_is_bounded_and_shrinks() -> None:
    async def measure() -> tuple[int, int]:
        limiter = Limiter(100_000, 100_000, concurrency=8)
        before = await _most_at_once(limiter, 40)
        limiter.slow_down("/v1/x", "global-concurrency")
        return before, await _most_at_once(limiter, 40)

    assert asyncio.run(measure()) == (8, 4)


def test_an_endpoint_has_a_limit_of_its_own() -> None:
    async def measure(endpoints: list[str]) -> float:
        limiter = Limiter(1000, 50)
        started = time.monotonic()

        async def request(endpoint: str) -> None:
            async with limiter.slot(endpoint):
                pass

        await asyncio.gather(*map(request, endpoints))
        return time.monotonic() - started

    assert asyncio.run(measure(["/a"] * 11)) >= 0.17
    assert asyncio.run(measure([f"/{n}" for n in range(11)])) < 0.15


@pytest.mark.parametrize(
    ("overrides", "total", "endpoint"),
    [
        ({"STRIPE_PIPELINE_RATE_LIMIT": None}, 25, 25),
        ({"STRIPE_PIPELINE_RATE_LIMIT": None, "stripe_api_key": "rk_live_1"}, 100, 25),
        ({"STRIPE_PIPELINE_RATE_LIMIT": 500}, 500, 500),
        ({"STRIPE_PIPELINE_RATE_LIMIT": 10, "stripe_api_base": STRIPE_API}, 10, 10),
        ({"STRIPE_PIPELINE_RATE_LIMIT": 60, "stripe_api_base": STRIPE_API}, 60, 25),
        ({"STRIPE_PIPELINE_RATE_LIMIT": 400, "stripe_api_base": STRIPE_API}, 400, 100),
    ],
)
def test_limits_by_key_and_setting(
    make_settings: Callable[..., Settings], overrides: dict[str, object], total: int, endpoint: int
) -> None:
    settings = make_settings(**overrides)
    limiter = make_limiter(settings, require_key(settings))
    assert (limiter._total.rate, limiter._endpoint_rate) == (total, endpoint)


def test_the_rate_is_kept(account: Account, make_settings: Callable[..., Settings]) -> None:
    add_customer(account, 1)
    report = sync(make_settings(STRIPE_PIPELINE_RATE_LIMIT=20))
    assert report.seconds >= (report.requests - 2) / 20


@pytest.mark.parametrize(("status", "least"), [(429, 0.1), (500, 0)])
def test_the_time_for_which_requests_are_held_back_is_counted(
    account: Account, settings: Settings, status: int, least: float
) -> None:
    refused = iter([error(status, "Not now")])
    account.fault = lambda request: next(refused, None)

    async def measure() -> float:
        client = Client(
            require_key(settings), settings.stripe_api_base, Limiter(1000, 1000), SLOW_POLICY
        )
        async with client:
            await client.get("/v1/customers", parse=bytes)
            return client.throttled["/v1/customers"]

    # What isn't the wait after a 429 is the pace: a few thousandths of a second.
    assert least <= asyncio.run(measure()) <= least * 2 + 0.05
