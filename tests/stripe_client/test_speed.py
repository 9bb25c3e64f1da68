"""A whole merchant at Stripe's own speed, by a clock that no other process can slow."""

import asyncio
import bisect
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.connections import Answer, Connections
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.http.limiter import ENDPOINT_RATE, RATES, Limiter
from stripe_pipeline.stripe_client.lists.reader import Reader
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import EVERYTHING
from stripe_pipeline.values.objects import ObjectRow
from tests.stripe_client.clock import run_at_once
from tests.stripe_client.test_pace import Window

LATENCY = 0.2
NOW, YEAR = 1_790_000_000, 365 * 86_400
# Full pages of each list, of a merchant that has grown steadily for three years.
PAGES = {
    "charges": 240,
    "invoices": 230,
    "invoice_payments": 230,
    "checkout_sessions": 200,
    "customers": 120,
    "subscriptions": 80,
    "refunds": 5,
    "prices": 3,
    "products": 1,
}
# Full pages, and a tenth for the last pages of each reader's part.
MOST_REQUESTS = sum(PAGES.values()) * 1.1


class Stripe:
    """Lists of objects of which there are ever more, behind the live limits."""

    def __init__(self) -> None:
        self._created = {BY_NAME[name].path: _growing(pages * 100) for name, pages in PAGES.items()}
        self._total = Window(RATES["live"])
        self._endpoints = {path: Window(ENDPOINT_RATE) for path in self._created}
        self.answered = 0
        self.refused = 0

    async def get(self, path: str, parameters: Sequence[tuple[str, str]]) -> Answer:
        """Answer after a while, or refuse."""
        await asyncio.sleep(LATENCY)
        now = asyncio.get_running_loop().time()
        if not self._endpoints[path].admits(now) or not self._total.admits(now):
            self.refused += 1
            return Answer(429, {}, b"{}", path)
        self.answered += 1
        return Answer(200, {}, self._page(path, dict(parameters)), path)

    def _page(self, path: str, given: dict[str, str]) -> bytes:
        """One page; the oldest object has the number 0, and its number is its id."""
        created = self._created[path]
        first = bisect.bisect_right(created, int(given.get("created[gt]", -1)))
        last = bisect.bisect_right(created, int(given.get("created[lte]", NOW)))
        last = min(last, int(given.get("starting_after", last)))
        kind = next(each.object for each in BY_NAME.values() if each.path == path)
        data: list[dict[str, Any]] = [
            {"id": str(number), "object": kind, "created": created[number]}
            for number in range(last - 1, max(first, last - 100) - 1, -1)
        ]
        return msgspec.json.encode({"data": data, "has_more": last - 100 > first})


def _growing(count: int) -> list[int]:
    return [NOW - int(3 * YEAR * (1 - (number / count) ** 0.5)) for number in range(count)]


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Stripe:
    """Stripe, in the place of every connection."""
    stripe = Stripe()
    monkeypatch.setattr(
        Connections, "get", lambda self, path, parameters: stripe.get(path, parameters)
    )
    return stripe


async def nothing_else(*_: object) -> None:
    """Take what is missing as deleted."""


async def _read_everything() -> tuple[dict[str, set[str]], float]:
    key = Key("rk_live_51", "live")
    limiter = Limiter(RATES["live"], ENDPOINT_RATE)
    found: dict[str, set[str]] = {name: set() for name in PAGES}

    async def read(reader: Reader, name: str) -> None:
        async def handle(rows: Sequence[ObjectRow], covers: object) -> None:
            found[name].update(row.id for row in rows)

        await Shards(reader, BY_NAME[name], handle).read([EVERYTHING])

    async with Client(key, "http://127.0.0.1:9", limiter) as client:
        await asyncio.gather(
            *(read(Reader(client, print, nothing_else, nothing_else), name) for name in PAGES)
        )
    return found, asyncio.get_running_loop().time()


def test_a_merchant_is_read_with_few_requests_and_all_the_requests_that_there_are(
    stripe: Stripe,
) -> None:
    found, seconds = run_at_once(_read_everything())
    assert {name: len(ids) for name, ids in found.items()} == {
        name: pages * 100 for name, pages in PAGES.items()
    }
    assert stripe.refused == 0
    assert stripe.answered <= MOST_REQUESTS
    assert stripe.answered / seconds >= 0.94 * RATES["live"]
