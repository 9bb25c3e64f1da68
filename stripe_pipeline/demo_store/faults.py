"""A network and a Stripe that misbehave: for tests of a client's patience.

`FaultyNetwork` stands in front of the application. Every fault is drawn from a seed.
"""

import asyncio
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stripe_pipeline.demo_store import errors
from stripe_pipeline.demo_store.chance import Chance


@dataclass(frozen=True)
class Faults:
    """What goes wrong: probabilities from 0 to 1, limits in requests a second, None for none.

    `too_fast` is a 429 with Stripe's reason header, `locked` one without it (lock_timeout);
    `bad_gateway` answers HTML; `reset` drops the connection; `half_body` drops it midway.
    """

    latency: float = 0.0
    rate_limit: int | None = None
    endpoint_rate_limit: int | None = None
    too_fast: float = 0.0
    locked: float = 0.0
    server_error: float = 0.0
    bad_gateway: float = 0.0
    reset: float = 0.0
    half_body: float = 0.0
    seed: int = 0


class Limiter:
    """Lets so many requests pass in any one second, counting only those it let pass."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._passed: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Whether one more request may pass at this time, in seconds of a steady clock."""
        if self._limit is None:
            return True
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        if len(self._passed) >= self._limit:
            return False
        self._passed.append(now)
        return True


class FaultyNetwork:
    """The ASGI application behind the faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._chance = Chance(faults.seed)
        self._all = Limiter(faults.rate_limit)
        self._endpoints: dict[str, Limiter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or fail to."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if reason := self._limited(scope["path"]):
            await answer(errors.too_fast(reason), send)
        else:
            await self._draw(scope, receive, send)

    def _limited(self, path: str) -> str | None:
        now = time.monotonic()
        endpoint = "/".join(path.split("/")[:3])
        own = self._endpoints.setdefault(endpoint, Limiter(self._faults.endpoint_rate_limit))
        if not own.admits(now):
            return "endpoint-rate"
        return None if self._all.admits(now) else "global-rate"

    async def _draw(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults, draw = self._faults, self._chance.happens
        if faults.too_fast and draw(faults.too_fast):
            await answer(errors.too_fast("global-concurrency"), send)
        elif faults.locked and draw(faults.locked):
            await answer(errors.locked(), send)
        elif faults.server_error and draw(faults.server_error):
            await answer(errors.broken(), send)
        elif faults.bad_gateway and draw(faults.bad_gateway):
            page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
            await _respond(502, b"text/html", page, send)
        elif faults.reset and draw(faults.reset):
            await _reset(receive, send)
        elif faults.half_body and draw(faults.half_body):
            await self._app(scope, receive, _halving(receive, send))
        else:
            await self._app(scope, receive, send)


async def answer(error: errors.StripeError, send: Send) -> None:
    """Send an error in Stripe's manner, from outside the application."""
    identifier = Chance().identifier("req", 14)
    body = error.body(identifier)
    headers = error.headers | {"Request-Id": identifier}
    await _respond(error.status, b"application/json", body, send, headers)


async def _respond(
    status: int, kind: bytes, body: bytes, send: Send, headers: dict[str, str] | None = None
) -> None:
    named = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    length = (b"content-length", str(len(body)).encode())
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", kind), length, *named],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _transport(send: Send) -> Any:
    """The connection behind `send`: a method of uvicorn's cycle of request and response."""
    return send.__self__.transport  # type: ignore[attr-defined]


async def _reset(receive: Receive, send: Send) -> None:
    """Drop the connection with a TCP reset, as a failing load balancer does."""
    transport = _transport(send)
    connection = transport.get_extra_info("socket")
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _halving(receive: Receive, send: Send) -> Send:
    """A `send` that breaks off in the middle of the body."""

    async def send_half(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message["body"]
        await send({**message, "body": body[: len(body) // 2], "more_body": True})
        _transport(send).close()
        while (await receive())["type"] != "http.disconnect":
            pass

    return send_half
