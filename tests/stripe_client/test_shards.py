"""Pages are read on ahead, handed on in order, and split without asking for more than there is."""

import asyncio
from collections.abc import Sequence

from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.stripe_client.http.limiter import Limiter
from stripe_pipeline.stripe_client.lists.reader import Reader
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import EVERYTHING, Window, merged
from stripe_pipeline.values.objects import ObjectRow
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import HOUR, SPRING, add_customer, add_invoice

Handed = list[tuple[list[str], list[Window]]]


async def nothing_else(*_: object) -> None:
    """Take what is missing as deleted."""


def read(settings: Settings, name: str) -> Handed:
    """Read all of a resource; returns what was handed on, in order."""
    handed: Handed = []

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        handed.append(([row.id for row in rows], list(covers)))

    async def run() -> None:
        key = require_key(settings)
        async with Client(key, settings.stripe_api_base, Limiter(10_000, 10_000)) as client:
            await Shards(
                Reader(client, print, nothing_else, nothing_else), BY_NAME[name], handle
            ).read([EVERYTHING])

    asyncio.run(run())
    return handed


def test_a_page_waits_for_the_one_before_and_not_to_be_asked_for(
    account: Account, settings: Settings
) -> None:
    for number in range(250):
        add_invoice(account, number, lines=12 if number == 240 else 1)

    def not_yet(request: Request) -> Answer | None:
        # For ever, if the next page were asked for only after these lines.
        is_early = len(account.asked("/v1/invoices")) < 4
        return error(500, "Not yet") if request.path.endswith("/lines") and is_early else None

    account.fault = not_yet
    handed = read(settings, "invoices")
    place = {each: number for number, (ids, _) in enumerate(handed) for each in ids}
    for number, (_, covers) in enumerate(handed):
        for window in covers:
            inside = [n for n in range(250) if window.holds(SPRING + n * HOUR)]
            assert all(place[f"in_{n:04d}"] <= number for n in inside)
    assert merged([window for _, covers in handed for window in covers]) == [EVERYTHING]


def test_a_list_is_read_with_few_more_requests_than_it_has_pages(
    account: Account, settings: Settings
) -> None:
    for number in range(6_000):
        add_customer(account, number)
    ids = [each for page, _ in read(settings, "customers") for each in page]
    assert sorted(ids) == sorted(account.objects["customers"])
    assert len(account.asked("/v1/customers")) <= 60 * 1.5
