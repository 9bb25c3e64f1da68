"""The demo store as the benchmarks see it: a process of its own, with two paces and a count.

`python -m benchmarks.front --customers 2000` prints a line of JSON with its base address and the
store's file. `/bench/start/<pace>` sets the pace and the count to zero; `/bench/count` tells what
was answered since. Everything else goes to the demo store.

tap-stripe and Airbyte ask for Stripe's API of 2022, and the demo store speaks the newest alone:
what only the old one could expand is left out of their requests here, and the tap's look at the
account is answered. tap-stripe knows no other host than api.stripe.com, so it comes through here
as through a proxy; uvicorn takes the path of such a request as of any other.
"""

import json
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

import typer
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stripe_pipeline.demo.store import Faults, Options, Store, build_store
from stripe_pipeline.demo.store.faults import FaultyNetwork
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import application

PACES = {
    "unlimited": None,
    "live": Faults(latency=0.2, rate_limit=100),
    "live-endpoints": Faults(latency=0.2, rate_limit=100, endpoint_rate_limit=25),
}
# Expandable in Stripe's API of 2022 and no longer: plans, sources, tax rates of an invoice.
OLD_EXPANSIONS = {
    "data.plan.tiers",
    "data.sources",
    "data.tax_ids",
    "data.total_tax_amounts.tax_rate",
}
OLD_VERSION = b"2022-11-15"
ACCOUNT = {
    "id": "acct_demo",
    "object": "account",
    "settings": {"dashboard": {"display_name": "Demo"}},
}


@dataclass
class Count:
    """What was answered with 200 since a measurement began; times of the first and last of it."""

    requests: int = 0
    first: float = 0.0
    last: float = 0.0
    listed: Counter[str] = field(default_factory=Counter)

    def add(self, now: float) -> None:
        """Count one more answer, given at `now`."""
        self.first = self.first or now
        self.last = now
        self.requests += 1


class Front:
    """The ASGI application."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._start("unlimited")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path.startswith("/bench/start/"):
            self._start(path.split("/")[-1])
            await _answer(send, {})
        elif path == "/bench/count":
            await _answer(send, vars(self._count))
        elif path.startswith("/v1/accounts/"):
            await _answer(send, ACCOUNT)
        else:
            await self._app(_in_new_terms(scope), receive, self._counting(send))

    def _start(self, pace: str) -> None:
        self._count = Count()
        app: ASGIApp = _Pages(self._store, self._count.listed)
        faults = PACES[pace]
        self._app = FaultyNetwork(app, faults) if faults else app

    def _counting(self, send: Send) -> Send:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._count.add(time.monotonic())
            await send(message)

        return counting


class _Pages:
    """The demo store, which counts the objects of each page once, however often it is read."""

    def __init__(self, store: Store, listed: Counter[str]) -> None:
        self._counted = application(store, Options(listed=listed))
        self._uncounted = application(store, Options())
        self._seen: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parameters = dict(parse_qsl(scope["query_string"].decode()))
        start = parameters.get("starting_after") or scope["query_string"].decode()
        page = (scope["path"], start)
        app = self._uncounted if page in self._seen else self._counted
        self._seen.add(page)
        await app(scope, receive, send)


def _in_new_terms(scope: Scope) -> Scope:
    if (b"stripe-version", OLD_VERSION) not in scope["headers"]:
        return scope
    pairs = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    kept = [
        (re.sub(r"^expand\[\d*\]$", "expand[]", name), value)
        for name, value in pairs
        if not (name.startswith("expand") and value in OLD_EXPANSIONS)
    ]
    return {**scope, "query_string": urlencode(kept).encode()}


async def _answer(send: Send, content: Mapping[str, object]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})


def main(
    customers: Annotated[int, typer.Option(min=1)],
    seed: Annotated[int, typer.Option()] = 1,
    files: Annotated[Path | None, typer.Option(help="For consents and exchange rates")] = None,
) -> None:
    """Serve a merchant on a free port until terminated."""
    with suppress(KeyboardInterrupt), build_store(customers, seed) as store:
        if files:
            write_files(files, customers, seed, datetime.now(UTC))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            print(json.dumps({"base": base, "store": str(store.path)}), flush=True)
            config = uvicorn.Config(
                Front(store), lifespan="off", access_log=False, log_level="error"
            )
            uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    # A polite kill ends the building too, so that the store's folder is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    typer.run(main)
