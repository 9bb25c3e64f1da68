"""A small account behind a real HTTP server on loopback, which can be told to misbehave.

It answers as Stripe's reference says and nothing more: an unknown parameter is a 400, a list is
newest first, nested lists are cut at ten, deleted objects vanish from lists. What it is asked is
recorded, so that a test can say what a reader should and shouldn't have asked.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn

from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES

Body = dict[str, Any]
Query = list[tuple[str, str]]
PATHS = {resource.path: resource.name for resource in RESOURCES}
SHARED = {"limit", "starting_after", "ending_before", "expand[]"}
CREATED = {f"created[{bound}]" for bound in ("gt", "gte", "lt", "lte")}
OWN = {
    "subscriptions": {"status"},
    "invoice_payments": {"status"},
    "invoices": {"status"},
    "checkout_sessions": {"status"},
}


@dataclass
class Answer:
    """What goes out: by default JSON with status 200."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    # How the connection is mistreated: "reset" before an answer, "half" of one, "hang".
    accident: str = ""
    # It goes out once this is true.
    waits_for: Callable[[], bool] = lambda: True


@dataclass
class Request:
    """What came in."""

    path: str
    query: Query
    headers: dict[str, str]

    def get(self, name: str) -> str | None:
        return dict(self.query).get(name)


Fault = Callable[[Request], Answer | None]


def error(status: int, message: str, **details: Any) -> Answer:
    """Build an error as Stripe words it."""
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return Answer(status, {"error": {"type": kind, "message": message, **details}})


def missing(identifier: str, parameter: str = "id", status: int = 404) -> Answer:
    return error(
        status, f"No such object: '{identifier}'", code="resource_missing", param=parameter
    )


class Account:
    """The objects of an account, and everything that was asked of it."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Body]] = {each.name: {} for each in RESOURCES}
        self.stubs: dict[str, Body] = {}
        self.hidden: set[str] = set()  # retrieved by id, in no list
        self.requests: list[Request] = []
        self.fault: Fault = lambda request: None
        self._lock = threading.Lock()
        self._events = 0

    def add(self, resource: str, identifier: str, created: int, **fields: Any) -> Body:
        """Put an object in, or in the place of what has its id."""
        kind = BY_NAME[resource].object
        body = {"id": identifier, "object": kind, "created": created, "livemode": False, **fields}
        with self._lock:
            self.objects[resource] = {**self.objects[resource], identifier: body}
        return body

    def event(self, kind: str, about: Body, created: int | None = None) -> Body:
        """Announce that something happened to an object."""
        self._events += 1
        at = int(time.time()) if created is None else created
        return self.add("events", f"evt_{self._events:06d}", at, type=kind, data={"object": about})

    def delete(self, resource: str, identifier: str, *, stub: bool = False) -> Body:
        """Take an object away; `stub`: retrieving it still says that it was deleted."""
        with self._lock:
            rest = dict(self.objects[resource])
            body = rest.pop(identifier)
            self.objects[resource] = rest
        if stub:
            self.stubs[identifier] = {"id": identifier, "object": body["object"], "deleted": True}
        return body

    def asked(self, path: str) -> list[Request]:
        """Return the requests for a path."""
        return [request for request in self.requests if request.path == path]

    def answer(self, request: Request) -> Answer:
        """Answer as Stripe would, unless a fault comes between."""
        self.requests.append(request)
        return self.fault(request) or self._route(request)

    def _route(self, request: Request) -> Answer:
        if request.path in PATHS:
            return self._list(request, PATHS[request.path])
        if request.path == "/v1/subscription_items":
            return self._nested(request, "subscriptions", request.get("subscription"), "items")
        for path, name in PATHS.items():
            if request.path.startswith(f"{path}/"):
                return self._below(request, name, request.path.removeprefix(f"{path}/"))
        return error(404, f"Unrecognized request URL (GET: {request.path})")

    def _below(self, request: Request, name: str, rest: str) -> Answer:
        identifier, _, field_name = rest.partition("/")
        identifier = unquote(identifier)
        if field_name:
            return self._nested(request, name, identifier, field_name)
        if set(dict(request.query)) - {"expand[]"}:
            return error(400, "Received unknown parameter")
        found = self.objects[name].get(identifier) or self.stubs.get(identifier)
        return Answer(body=_cut(found)) if found else missing(identifier)

    def _list(self, request: Request, name: str) -> Answer:
        unknown = set(dict(request.query)) - SHARED - CREATED - OWN.get(name, set())
        if unknown:
            return error(400, f"Received unknown parameter: {unknown.pop()}")
        listed = [each for each in self.objects[name].values() if each["id"] not in self.hidden]
        status = request.get("status")
        if status not in (None, "all"):
            listed = [each for each in listed if each.get("status") == status]
        elif name == "subscriptions" and status is None:
            listed = [each for each in listed if each["status"] != "canceled"]
        listed = [each for each in listed if _matches(request, each["created"])]
        listed.sort(key=lambda each: (each["created"], each["id"]), reverse=True)
        return _page(request, listed)

    def _nested(self, request: Request, name: str, parent: str | None, field_name: str) -> Answer:
        found = self.objects[name].get(parent or "")
        if found is None:
            return missing(parent or "")
        return _page(request, found[field_name]["data"])


def _matches(request: Request, created: int) -> bool:
    tests = {
        "created[gt]": created.__gt__,
        "created[gte]": created.__ge__,
        "created[lt]": created.__lt__,
        "created[lte]": created.__le__,
    }
    return all(tests[name](int(value)) for name, value in request.query if name in tests)


def _page(request: Request, listed: list[Body]) -> Answer:
    start = 0
    if after := request.get("starting_after"):
        ids = [each["id"] for each in listed]
        if after not in ids:
            return missing(after, "starting_after", 400)
        start = ids.index(after) + 1
    limit = int(request.get("limit") or 10)
    data = [_cut(each) for each in listed[start : start + limit]]
    more = len(listed) > start + limit
    return Answer(body={"object": "list", "url": request.path, "has_more": more, "data": data})


def _cut(body: Body) -> Body:
    """Embed the first ten entries of each nested list, as Stripe does."""
    lists = {
        name: {**value, "data": value["data"][:10], "has_more": len(value["data"]) > 10}
        for name, value in body.items()
        if isinstance(value, dict) and value.get("object") == "list"
    }
    return {**body, **lists}


def nested(entries: list[Body]) -> Body:
    """Build a nested list; it is served cut at ten."""
    return {"object": "list", "data": entries, "has_more": False, "url": "/v1/nested"}


class _App:
    """The account as an ASGI application."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(
            scope["raw_path"].decode(),
            parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
            {name.decode(): value.decode() for name, value in scope["headers"]},
        )
        answer = self._account.answer(request)
        while not answer.waits_for():
            await asyncio.sleep(0.01)
        content = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
        headers = {"request-id": f"req_{len(self._account.requests)}", **answer.headers}
        length = len(content) * 2 if answer.accident == "half" else len(content)
        pairs = [(b"content-length", str(length).encode())]
        pairs += [(name.encode(), value.encode()) for name, value in headers.items()]
        if answer.accident == "hang":
            await receive()
            await receive()
            return
        if answer.accident == "reset":
            # No ASGI message cuts a connection; uvicorn's own transport can.
            send.__self__.transport.abort()
        else:
            await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
            await send({"type": "http.response.body", "body": content, "more_body": False})


@contextmanager
def serving(account: Account) -> Iterator[str]:
    """Serve the account on a free port of loopback; yields the base address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_App(account), log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
        listener.close()
