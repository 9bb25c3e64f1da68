"""The limits are the key's and the settings', and every wait for them is counted."""

import asyncio
from collections.abc import Callable

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.base_address import STRIPE_API
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.stripe_client.http.limiter import Limiter, make_limiter
from stripe_pipeline.stripe_client.http.retries import RetryPolicy
from tests.fake_stripe.server import Account, error
from tests.fake_stripe.shop import add_customer
from tests.stripe_client.clock import run_at_once

SLOW_POLICY = RetryPolicy(first_wait=0.2)


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


@pytest.mark.parametrize("reason", ["global-concurrency", "endpoint-concurrency"])
def test_concurrency_is_bounded_and_shrinks(reason: str) -> None:
    async def measure() -> tuple[int, int]:
        limiter = Limiter(100_000, 100_000, concurrency=8)
        before = await _most_at_once(limiter, 40)
        async with limiter.slot("/v1/x") as slot:
            limiter.refuse(slot, reason)
        return before, await _most_at_once(limiter, 40)

    assert asyncio.run(measure()) == (8, 3)


def test_an_endpoint_has_a_limit_of_its_own() -> None:
    async def measure(endpoints: list[str]) -> float:
        limiter = Limiter(1000, 50)
        now = asyncio.get_running_loop().time
        started = now()

        async def request(endpoint: str) -> None:
            async with limiter.slot(endpoint):
                pass

        await asyncio.gather(*map(request, endpoints))
        return now() - started

    assert run_at_once(measure(["/a"] * 11)) >= 0.17
    assert run_at_once(measure([f"/{n}" for n in range(11)])) < 0.15


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
    assert (limiter._total.rate.most, limiter._endpoint_rate) == (total, endpoint)


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


def test_an_object_that_is_locked_slows_nothing(account: Account, settings: Settings) -> None:
    locked = iter([error(429, "This object cannot be accessed right now", code="lock_timeout")])
    account.fault = lambda request: next(locked, None)

    async def measure() -> tuple[float, float]:
        client = Client(
            require_key(settings), settings.stripe_api_base, Limiter(1000, 1000), SLOW_POLICY
        )
        async with client:
            await client.get("/v1/customers", parse=bytes)
            now = asyncio.get_running_loop().time()
            return client.limiter._total.rate.at(now), client.throttled["/v1/customers"]

    rate, throttled = asyncio.run(measure())
    assert rate == 1000
    assert throttled < 0.1
