"""The limit: a client that reads every list page over many connections and only counts bytes.

Of each page it takes the ids and has_more, and nothing else; it follows no nested list, waits for
nothing but the server, and writes nothing. It even knows beforehand where the objects lie, from the
store's own file, and cuts the lists into parts of equally many. So it shows what the server and the
network allow.
`python -m benchmarks.bare_client BASE FILE` reads every resource, and with names behind it those
alone.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from stripe_pipeline.stripe_client.catalog import API_VERSION, BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.resources import Resource

# Objects in each part of a list: five pages.
PART = 500
# Parts that are read at the same time: enough for 100 requests/s of 200 ms each, twice over.
TOGETHER = 40
# Seconds to wait after a 429.
PAUSE = 0.05
TOO_MANY = 429


class _Object(msgspec.Struct, gc=False):
    id: str


class _Page(msgspec.Struct, gc=False):
    data: list[_Object]
    has_more: bool


_PAGE = msgspec.json.Decoder(_Page)


async def read_all(
    base: str, key: str, parts: Sequence[tuple[Resource, int, int]]
) -> tuple[int, int]:
    """Read parts of lists; return the objects and the bytes received."""
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION}
    places = asyncio.Semaphore(TOGETHER)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

        async def read(part: tuple[Resource, int, int]) -> tuple[int, int]:
            async with places:
                return await _read_part(session, base, *part)

        counts = await asyncio.gather(*map(read, parts))
    return sum(objects for objects, _ in counts), sum(size for _, size in counts)


def cut(file: str, resources: Sequence[Resource]) -> list[tuple[Resource, int, int]]:
    """Cut the lists into parts (after, up to and including) of equally many objects.

    The parts of the resources alternate, so that all endpoints are busy until the end.
    """
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        cuts = [(each, _edges(store, each.name)) for each in resources]
    parts = [
        (place / len(edges), resource, low, high)
        for resource, edges in cuts
        for place, (low, high) in enumerate(pairwise(edges))
    ]
    return [part[1:] for part in sorted(parts, key=lambda part: part[0])]


def _edges(store: sqlite3.Connection, name: str) -> list[int]:
    query = "select created from objects where resource = ? and is_listed order by created"
    created = [row[0] for row in store.execute(query, [name])]
    return sorted({-1, *created[PART::PART], *created[-1:]})


async def _read_part(
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
    base, file, *names = sys.argv[1:]
    parts = cut(file, [BY_NAME[name] for name in names] or RESOURCES)
    objects, size = asyncio.run(read_all(base, os.environ["STRIPE_API_KEY"], parts))
    print(f"{objects} {size}")
