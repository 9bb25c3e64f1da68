"""Answer list requests: one indexed query for a page, whose stored bodies are concatenated."""

from typing import NamedTuple

import msgspec

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.endpoints import Endpoint
from stripe_pipeline.demo.store.query import Query
from stripe_pipeline.demo.store.rendering import nested_entries
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.demo.store.world import EVENT_DAYS

MOST_TYPES = 20


class Found(NamedTuple):
    """One object of a page: its body, and the JSON of its hidden fields."""

    body: bytes
    extras: bytes | None


class Page(NamedTuple):
    """A page of a list, newest first, and whether there are more in the direction of paging."""

    found: list[Found]
    has_more: bool


def page(store: Store, endpoint: Endpoint, query: Query, event_lag: int = 0) -> Page:
    """Read one page of a resource.

    A new event isn't listed for `event_lag` seconds: the list is only eventually consistent.

    Raises:
        StripeError: the cursor is no object of this list, or a parameter can't be used.
    """
    _own_parameters(endpoint, query)
    if endpoint.resource == "events":
        query.require("created > ?", store.now - EVENT_DAYS * DAY)
        query.require("created <= ?", store.now - event_lag)
    cursor = query.starting_after or query.ending_before
    backwards = query.ending_before is not None
    if cursor:
        _start_at(store, endpoint, query, cursor, backwards)
    return _select(store, endpoint, query, backwards)


def _select(store: Store, endpoint: Endpoint, query: Query, backwards: bool) -> Page:
    extras = "extras" if query.expand else "null"
    order = "asc" if backwards else "desc"
    rows = store.reader.execute(
        f"select body, {extras} from objects where resource = ? and "
        f"{' and '.join(query.conditions)} order by created {order}, sequence {order} limit ?",
        (endpoint.resource, *query.values, query.limit + 1),
    ).fetchall()
    found = [Found(*row) for row in rows[: query.limit]]
    return Page(found[::-1] if backwards else found, len(rows) > query.limit)


def _start_at(store: Store, endpoint: Endpoint, query: Query, cursor: str, backwards: bool) -> None:
    place = store.reader.execute(
        "select created, sequence from objects where resource = ? and id = ?",
        (endpoint.resource, cursor),
    ).fetchone()
    param = "ending_before" if backwards else "starting_after"
    if place is None:
        raise errors.missing(endpoint.object, cursor, param, status=400)
    if endpoint.resource == "events" and place[0] <= store.now - EVENT_DAYS * DAY:
        raise errors.invalid(
            param, f"The event {cursor} has aged out of our retention policy.", "resource_missing"
        )
    query.require(f"(created, sequence) {'>' if backwards else '<'} (?, ?)", *place)


def _own_parameters(endpoint: Endpoint, query: Query) -> None:
    """Apply the parameters that are specific to one resource."""
    given = query.given
    if "ids" in given:
        _one_of(query, "id", given["ids"])
    if "lookup_keys" in given:
        _one_of(query, "json_extract(cast(body as text), '$.lookup_key')", given["lookup_keys"])
    if endpoint.resource == "events":
        _event_types(query)


def _one_of(query: Query, expression: str, values: list[str]) -> None:
    query.require(f"{expression} in ({', '.join('?' * len(values))})", *values)


def _event_types(query: Query) -> None:
    """Filter by `type`, a name or wildcard such as `invoice.*`, or `types`, up to twenty names."""
    one, several = query.given.get("type", []), query.given.get("types", [])
    if one and several:
        raise errors.invalid("type", "You may pass only one of these parameters: type, types.")
    if len(several) > MOST_TYPES:
        raise errors.invalid("types", f"You may pass at most {MOST_TYPES} types.")
    patterns = [name.replace("[", "") for name in (one or several)]
    if patterns:
        query.require(f"({' or '.join(['status glob ?'] * len(patterns))})", *patterns)


def nested_page(store: Store, endpoint: Endpoint, parent: str, query: Query) -> Page:
    """Read one page of the list inside an object, in the object's own order.

    Raises:
        StripeError: the parent doesn't exist, or the cursor isn't one of its entries.
    """
    entries = _entries(store, endpoint, parent)
    ids = [identifier for identifier, _ in entries]
    start, stop = 0, len(entries)
    if query.starting_after:
        start = _place(endpoint, ids, query.starting_after, "starting_after") + 1
    if query.ending_before:
        stop = _place(endpoint, ids, query.ending_before, "ending_before")
        start = max(0, stop - query.limit)
        return Page([Found(body, None) for _, body in entries[start:stop]], start > 0)
    chosen = entries[start : start + query.limit]
    return Page([Found(body, None) for _, body in chosen], start + query.limit < stop)


def _entries(store: Store, endpoint: Endpoint, parent: str) -> list[tuple[str, bytes]]:
    found = store.find(endpoint.resource, parent)
    if found is None:
        raise errors.missing(endpoint.object, parent, endpoint.object)
    stored = store.children(endpoint.resource, parent)
    if stored:
        return stored
    whole = msgspec.json.decode(found[0]) | msgspec.json.decode(found[1] or b"{}")
    entries = nested_entries(whole, endpoint)
    return [(entry["id"], msgspec.json.encode(entry)) for entry in entries]


def _place(endpoint: Endpoint, ids: list[str], cursor: str, param: str) -> int:
    if cursor not in ids:
        kind = endpoint.nested.object if endpoint.nested else endpoint.object
        raise errors.missing(kind, cursor, param, status=400)
    return ids.index(cursor)


def envelope(path: str, found: Page, bodies: list[bytes]) -> bytes:
    """Return the list object around a page's bodies."""
    more = b"true" if found.has_more else b"false"
    head = b'{"object":"list","data":['
    return head + b",".join(bodies) + b'],"has_more":' + more + b',"url":"' + path.encode() + b'"}'
