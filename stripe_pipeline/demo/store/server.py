"""The demo store's server: Stripe's list, retrieve and event API over one account's objects."""

import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.access import DEMO_KEY, Caller, Keys, authenticate, version
from stripe_pipeline.demo.store.endpoints import BY_RESOURCE, ENDPOINTS, Endpoint
from stripe_pipeline.demo.store.expansion import Expander, list_paths, retrieve_paths
from stripe_pipeline.demo.store.faults import Faults, FaultyNetwork
from stripe_pipeline.demo.store.listing import Found, envelope, nested_page, page
from stripe_pipeline.demo.store.query import (
    Pairs,
    Query,
    parse_list,
    parse_nested,
    parse_retrieve,
)
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.demo.store.world import API_VERSION

Answer = Callable[["Call"], bytes]
Handler = Callable[[Request], Awaitable[Response]]

LONGEST_START = 10.0


@dataclass
class Options:
    """The options of the server.

    `keys` are the valid keys and the permissions that each lacks; `event_lag` the seconds for which
    a new event isn't listed; `requests` receives every path and query requested, `listed` how many
    objects of each resource the lists returned. `watcher` is called with each path and query before
    it is answered, and may change the account.
    """

    keys: Keys = field(default_factory=lambda: {DEMO_KEY: frozenset()})
    expired_keys: Collection[str] = ()
    event_lag: int = 0
    requests: list[str] | None = None
    listed: Counter[str] = field(default_factory=Counter)
    watcher: Callable[[str], None] | None = None


@dataclass
class Call:
    """One authenticated request."""

    store: Store
    options: Options
    caller: Caller
    path: str
    parameters: Pairs
    identifier: str


def application(store: Store, options: Options, faults: Faults | None = None) -> ASGIApp:
    """Return the ASGI application of a store."""
    routes = [route for endpoint in ENDPOINTS if endpoint.is_listed
              for route in _routes(endpoint, store, options)]  # fmt: skip
    items = BY_RESOURCE["subscriptions"]
    routes.append(_route("/v1/subscription_items", _subscription_items(items), store, options))
    routes.append(_route("/{path:path}", _unknown, store, options))
    app = Starlette(routes=routes)
    return FaultyNetwork(app, faults) if faults else app


def _routes(endpoint: Endpoint, store: Store, options: Options) -> list[Route]:
    routes = [
        _route(endpoint.path, _list(endpoint), store, options),
        _route(f"{endpoint.path}/{{id}}", _retrieve(endpoint), store, options),
    ]
    if endpoint.nested and endpoint.nested.path:
        path = f"{endpoint.path}/{{id}}/{endpoint.nested.path}"
        routes.append(_route(path, _nested(endpoint), store, options))
    return routes


def _list(endpoint: Endpoint) -> Answer:
    def answer(call: Call) -> bytes:
        call.caller.allow(endpoint.permission)
        query = parse_list(endpoint, call.parameters)
        paths = list_paths(query.expand)
        expander = Expander(call.store, endpoint.object, paths, call.caller.allow)
        found = page(call.store, endpoint, query, call.options.event_lag)
        call.options.listed[endpoint.resource] += len(found.found)
        return envelope(call.path, found, expander.bodies(found.found))

    return answer


def _retrieve(endpoint: Endpoint) -> Answer:
    def answer(call: Call) -> bytes:
        call.caller.allow(endpoint.permission)
        paths = retrieve_paths(parse_retrieve(call.parameters))
        found = call.store.find(endpoint.resource, call.identifier)
        if found is None:
            raise errors.missing(endpoint.object, call.identifier, "id")
        expander = Expander(call.store, endpoint.object, paths, call.caller.allow)
        return expander.bodies([Found(*found)])[0]

    return answer


def _nested(endpoint: Endpoint) -> Answer:
    def answer(call: Call) -> bytes:
        call.caller.allow(endpoint.permission)
        query = parse_nested(call.parameters)
        return _nested_answer(endpoint, call, call.identifier, query)

    return answer


def _subscription_items(endpoint: Endpoint) -> Answer:
    def answer(call: Call) -> bytes:
        call.caller.allow(endpoint.permission)
        parents = [value for name, value in call.parameters if name == "subscription"]
        if not parents:
            raise errors.invalid(
                "subscription", "Missing required param: subscription.", "parameter_missing"
            )
        query = parse_nested(call.parameters, ("subscription",))
        return _nested_answer(endpoint, call, parents[-1], query)

    return answer


def _nested_answer(endpoint: Endpoint, call: Call, parent: str, query: Query) -> bytes:
    kind = endpoint.nested.object if endpoint.nested else endpoint.object
    expander = Expander(call.store, kind, list_paths(query.expand), call.caller.allow)
    found = nested_page(call.store, endpoint, parent, query)
    return envelope(call.path, found, expander.bodies(found.found))


def _unknown(call: Call) -> bytes:
    raise errors.unknown_url("GET", call.path)


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def _route(path: str, answer: Answer, store: Store, options: Options) -> Route:
    return Route(path, _handler(answer, store, options), methods=METHODS)


def _handler(answer: Answer, store: Store, options: Options) -> Handler:
    async def handle(request: Request) -> Response:
        request_id = f"req_{secrets.token_hex(7)}"
        headers = {"Request-Id": request_id, "Stripe-Version": request.headers.get(
            "stripe-version", API_VERSION)}  # fmt: skip
        _watch(f"{request.url.path}?{request.url.query}".rstrip("?"), options)
        try:
            body, status = _answered(request, answer, store, options), 200
        except errors.StripeError as error:
            body, status = error.body(request_id), error.status
            headers |= error.headers
        return Response(body, status, headers, "application/json")

    return handle


def _watch(asked: str, options: Options) -> None:
    if options.requests is not None:
        options.requests.append(asked)
    if options.watcher is not None:
        options.watcher(asked)


def _answered(request: Request, answer: Answer, store: Store, options: Options) -> bytes:
    path = request.url.path
    caller = authenticate(request.headers.get("authorization"), options.keys, options.expired_keys)
    version(request.headers.get("stripe-version"))
    if request.method != "GET":
        raise errors.read_only(request.method, path)
    parameters = request.query_params.multi_items()
    identifier = request.path_params.get("id", "")
    body = answer(Call(store, options, caller, path, parameters, identifier))
    # The account is generated in test mode; a live key sees the same objects as live ones.
    return body.replace(b'"livemode":false', b'"livemode":true') if caller.livemode else body


@contextmanager
def serve(
    store: Store,
    options: Options | None = None,
    faults: Faults | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[str]:
    """Serve a store in a thread; yield the base URL, e.g. http://127.0.0.1:40123.

    The server is ready when the URL is yielded, and stopped after the block. Port 0 picks a free
    one.

    Raises:
        OSError: the port is taken.
        RuntimeError: the server didn't start.
    """
    app = application(store, options or Options(), faults)
    with socket.create_server((host, port)) as listener:
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(
            target=server.run, args=([listener],), name="demo-store", daemon=True
        )
        thread.start()
        try:
            _wait_until_ready(server, thread)
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )


def _wait_until_ready(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + LONGEST_START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The demo store's server didn't start.")
        time.sleep(0.005)
