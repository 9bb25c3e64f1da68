"""The limit: a client that reads every list page in parallel and only counts bytes.

Of each page it takes the ids and has_more, and nothing else; it follows no nested list and writes
nothing, so it shows what the server and the network allow. `python -m benchmarks.bare_client BASE`
reads every resource, and with names behind it those alone.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

import httpx
import msgspec

from stripe_pipeline.stripe_api.catalog import API_VERSION, BY_NAME, RESOURCES, Resource

SLICES = 8
YEARS = 4
# Seconds to wait after a 429.
PAUSE = 0.05


class _Object(msgspec.Struct):
    id: str


class _Page(msgspec.Struct):
    data: list[_Object]
    has_more: bool


async def read_all(base: str, key: str, resources: Sequence[Resource]) -> tuple[int, int]:
    """Read some resources; return the objects and the bytes received."""
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        slices = [(resource, low, high) for resource in resources for low, high in _slices()]
        counts = await asyncio.gather(*(_read_slice(client, *part) for part in slices))
    return sum(objects for objects, _ in counts), sum(size for _, size in counts)


def _slices() -> list[tuple[int, int]]:
    now = int(time.time())
    step = YEARS * 365 * 86_400 // SLICES
    edges = [now - step * i for i in range(SLICES)]
    return [(edge - step if i < SLICES - 1 else 0, edge) for i, edge in enumerate(edges)]


async def _read_slice(
    client: httpx.AsyncClient, resource: Resource, low: int, high: int
) -> tuple[int, int]:
    parameters = {"limit": "100", "created[gt]": str(low), "created[lte]": str(high)}
    parameters |= dict(resource.parameters)
    objects = size = 0
    while True:
        response = await client.get(resource.path, params=parameters)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(PAUSE)
            continue
        body = response.raise_for_status().content
        page = msgspec.json.decode(body, type=_Page)
        objects, size = objects + len(page.data), size + len(body)
        if not page.has_more:
            return objects, size
        parameters["starting_after"] = page.data[-1].id


if __name__ == "__main__":
    wanted = [BY_NAME[name] for name in sys.argv[2:]] or RESOURCES
    objects, size = asyncio.run(read_all(sys.argv[1], os.environ["STRIPE_API_KEY"], wanted))
    print(f"{objects} {size}")
