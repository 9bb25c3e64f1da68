"""Injected faults of single requests: refusals, broken connections and wrong answers.

An `Accident` says which fault happens to which requests; `inject` injects it, into the
application's answer or instead of it.
"""

import socket
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.access import key_in
from stripe_pipeline.demo.store.chance import Chance
from stripe_pipeline.demo.store.endpoints import ENDPOINTS

Kind = Literal[
    "too_fast",
    "locked",
    "server_error",
    "bad_gateway",
    "reset",
    "half_body",
    "hang",
    "not_json",
    "repeated_page",
    "empty_page",
    "stranger",
    "key_revoked",
    "permission_lost",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

Body = dict[str, Any]
Change = Callable[[Body], Body]


@dataclass(frozen=True)
class Accident:
    """A fault that happens to requests of certain paths.

    `path` may hold `*`; the first `after` requests pass, and the next `times` fail (None: all that
    follow). The kind repeated_page counts only requests that start after an object.
    """

    kind: Kind
    path: str = "*"
    after: int = 0
    times: int | None = 1

    def is_about(self, scope: Scope) -> bool:
        """Return whether the accident counts a request."""
        goes_on = b"starting_after" in scope["query_string"]
        return fnmatchcase(scope["path"], self.path) and (self.kind != "repeated_page" or goes_on)

    def is_due(self, number: int) -> bool:
        """Return whether it happens to the request of this number, counted from 0."""
        return number >= self.after and (self.times is None or number < self.after + self.times)


async def inject(kind: Kind, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Inject a fault into one request."""
    if kind in REFUSALS:
        await answer(REFUSALS[kind](scope), send)
    elif kind in ACCIDENTS:
        await ACCIDENTS[kind](receive, send)
    elif kind == "half_body":
        await app(scope, receive, _halving(receive, send))
    elif kind == "repeated_page":
        await app(_from_the_start(scope), receive, send)
    else:
        await app(scope, receive, _changing(CHANGES[kind], send))


async def answer(error: errors.StripeError, send: Send) -> None:
    """Send an error like Stripe's, from outside the application."""
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


def _expired(scope: Scope) -> errors.StripeError:
    return errors.expired_key(_key(scope))


def _forbidden(scope: Scope) -> errors.StripeError:
    permissions = {each.path: each.permission for each in ENDPOINTS if each.path}
    path = max((each for each in permissions if scope["path"].startswith(each)), key=len)
    return errors.forbidden(_key(scope), permissions[path])


def _key(scope: Scope) -> str:
    return key_in(Headers(scope=scope).get("authorization"))


REFUSALS: dict[str, Callable[[Scope], errors.StripeError]] = {
    "too_fast": lambda scope: errors.too_fast("global-concurrency"),
    "locked": lambda scope: errors.locked(),
    "server_error": lambda scope: errors.broken(),
    "key_revoked": _expired,
    "permission_lost": _forbidden,
}


async def _bad_gateway(receive: Receive, send: Send) -> None:
    page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    await _respond(502, b"text/html", page, send)


async def _not_json(receive: Receive, send: Send) -> None:
    await _respond(200, b"text/plain", b"upstream connect error or disconnect", send)


async def _reset(receive: Receive, send: Send) -> None:
    """Drop the connection with a TCP reset, as a failing load balancer does."""
    transport = _transport(send)
    connection = transport.get_extra_info("socket")
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    await _gone(receive)


async def _hang(receive: Receive, send: Send) -> None:
    """Send nothing until the client times out."""
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


ACCIDENTS: dict[str, Callable[[Receive, Send], Coroutine[None, None, None]]] = {
    "bad_gateway": _bad_gateway,
    "not_json": _not_json,
    "reset": _reset,
    "hang": _hang,
}


def _transport(send: Send) -> Any:
    """Return the connection behind `send`, which is a method of uvicorn's request cycle."""
    return send.__self__.transport  # type: ignore[attr-defined]


def _halving(receive: Receive, send: Send) -> Send:
    """Return a `send` that closes the connection in the middle of the body."""

    async def send_half(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message["body"]
        await send({**message, "body": body[: len(body) // 2], "more_body": True})
        _transport(send).close()
        await _gone(receive)

    return send_half


def _from_the_start(scope: Scope) -> Scope:
    """Return the request without its cursor: the list's first page again."""
    pairs = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] != "starting_after"]
    return {**scope, "query_string": urlencode(kept).encode()}


def _emptied(page: Body) -> Body:
    return page | {"data": [], "has_more": True}


def _with_a_stranger(page: Body) -> Body:
    """Return the page with its first object under the name of another kind."""
    first, *others = page["data"]
    kind = "line_item" if first["object"] != "line_item" else "invoice"
    return page | {"data": [first | {"object": kind}, *others]}


CHANGES: dict[str, Change] = {"empty_page": _emptied, "stranger": _with_a_stranger}


def _changing(change: Change, send: Send) -> Send:
    """Return a `send` that changes the answer, if it is a page with any objects."""
    held: list[Message] = []

    async def send_changed(message: Message) -> None:
        if message["type"] != "http.response.body":
            held.append(message)
            return
        body = msgspec.json.decode(message["body"])
        content = msgspec.json.encode(change(body)) if body.get("data") else message["body"]
        for start in held:
            await send({**start, "headers": _resized(start["headers"], len(content))})
        await send({**message, "body": content})

    return send_changed


def _resized(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [pair for pair in headers if pair[0] != b"content-length"]
    return [*kept, (b"content-length", str(length).encode())]
