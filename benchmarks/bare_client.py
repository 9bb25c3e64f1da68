"""The limit: a client that reads every list page over many connections and only counts bytes.

Of each page it takes the ids and has_more, and nothing else; it follows no nested list, waits for
nothing but the server, and writes nothing, so it shows what the server and the network allow.
`python -m benchmarks.bare_client BASE` reads every resource, and with names behind it those alone.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from stripe_pipeline.stripe_api.catalog import API_VERSION, BY_NAME, RESOURCES, Resource

# Parts of equal length into which the merchant's years are cut; all are read at the same time.
SLICES = 16
DAY = 86_400
SPAN = 4 * 365 * DAY
EVENTS_SPAN = 30 * DAY
# Seconds to wait after a 429.
PAUSE = 0.05
TOO_MANY = 429


class _Object(msgspec.Struct, gc=False):
    id: str


class _Page(msgspec.Struct, gc=False):
    data: list[_Object]
    has_more: bool


_PAGE = msgspec.json.Decoder(_Page)


async def read_all(base: str, key: str, resources: Sequence[Resource]) -> tuple[int, int]:
    """Read some resources; return the objects and the bytes received."""
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        slices = [
            (resource, low, high) for resource in resources for low, high in _slices(resource)
        ]
        counts = await asyncio.gather(*(_read_slice(session, base, *part) for part in slices))
    return sum(objects for objects, _ in counts), sum(size for _, size in counts)


def _slices(resource: Resource) -> list[tuple[int, int]]:
    now = int(time.time())
    step = (EVENTS_SPAN if resource.name == "events" else SPAN) // SLICES
    edges = [now - step * i for i in range(SLICES)]
    return [(edge - step if i < SLICES - 1 else 0, edge) for i, edge in enumerate(edges)]


async def _read_slice(
    session: aiohttp.ClientSession, base: str, resource: Resource, low: int, high: int
) -> tuple[int, int]:
    parameters = {"limit": "100", "created[gt]": str(low), "created[lte]": str(high)}
    parameters |= dict(resource.parameters)
    objects = size = 0
    while True:
        body = await _get(session, f"{base}{resource.path}?{urlencode(parameters)}")
        page = _PAGE.decode(body)
        objects, size = objects + len(page.data), size + len(body)
        if not page.has_more:
            return objects, size
        parameters["starting_after"] = page.data[-1].id


async def _get(session: aiohttp.ClientSession, address: str) -> bytes:
    while True:
        async with session.get(URL(address, encoded=True)) as answer:
            if answer.status != TOO_MANY:
                answer.raise_for_status()
                return await answer.read()
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    wanted = [BY_NAME[name] for name in sys.argv[2:]] or RESOURCES
    objects, size = asyncio.run(read_all(sys.argv[1], os.environ["STRIPE_API_KEY"], wanted))
    print(f"{objects} {size}")
