"""Parse a list request's parameters, refusing what Stripe refuses."""

import re
from dataclasses import dataclass, field

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.endpoints import CURSORS, Endpoint

MOST, USUAL = 100, 10
RANGE = re.compile(r"(\w+)\[(gt|gte|lt|lte)\]")
ARRAY = re.compile(r"(.+)\[\d*\]$")
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
STATUSES = {
    "subscriptions": "active all canceled ended incomplete incomplete_expired past_due paused "
    "trialing unpaid",
    "invoices": "draft open paid uncollectible void",
    "invoice_payments": "canceled open paid",
    "checkout_sessions": "complete expired open",
}

Pairs = list[tuple[str, str]]


@dataclass
class Query:
    """A parsed list request: conditions in SQL with their values, and where to start."""

    limit: int = USUAL
    starting_after: str | None = None
    ending_before: str | None = None
    expand: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    given: dict[str, list[str]] = field(default_factory=dict)

    def require(self, condition: str, *values: object) -> None:
        """Add a condition, with the values of its placeholders."""
        self.conditions.append(condition)
        self.values += values


def base_name(name: str) -> str:
    """Return a parameter without an array's brackets: `expand` for `expand[]` and `expand[0]`."""
    found = ARRAY.match(name)
    return found[1] if found else name


def parse_list(endpoint: Endpoint, pairs: Pairs) -> Query:
    """Parse a list request.

    Raises:
        StripeError: a parameter is unknown to the endpoint, or its value can't be used.
    """
    query = Query()
    for name, value in pairs:
        _take(endpoint, query, name, value)
    _default_visibility(endpoint, query)
    if query.starting_after and query.ending_before:
        raise errors.invalid(
            "ending_before",
            "You cannot parameterize both starting_after and ending_before in the same request.",
        )
    return query


def parse_nested(pairs: Pairs, allowed: tuple[str, ...] = ()) -> Query:
    """Parse a request for a nested list, which takes cursors and few other parameters."""
    query = Query()
    for name, value in pairs:
        if base_name(name) in (*CURSORS, *allowed):
            _take_cursor(query, base_name(name), value)
        else:
            raise errors.unknown_parameter(name)
    return query


def parse_retrieve(pairs: Pairs) -> list[str]:
    """Return the `expand` paths of a retrieve request."""
    query = Query()
    for name, value in pairs:
        if base_name(name) != "expand":
            raise errors.unknown_parameter(name)
        _take_cursor(query, "expand", value)
    return query.expand


def _take(endpoint: Endpoint, query: Query, name: str, value: str) -> None:
    plain = base_name(name)
    columns, fields, ranges = dict(endpoint.columns), dict(endpoint.fields), dict(endpoint.ranges)
    if plain in CURSORS:
        _take_cursor(query, plain, value)
    elif name in columns:
        _take_column(endpoint, query, name, columns[name], value)
    elif name in fields:
        query.require("cast(json_extract(cast(body as text), ?) as text) = ?", fields[name],
                      _as_sql(value))  # fmt: skip
    elif (found := RANGE.fullmatch(name)) and found[1] in ranges:
        _take_range(query, ranges[found[1]], COMPARISONS[found[2]], name, value)
    elif name in ranges:
        _take_range(query, ranges[name], "=", name, value)
    elif plain in endpoint.parameters:
        query.given.setdefault(plain, []).append(value)
    else:
        raise errors.unknown_parameter(name)


def _as_sql(value: str) -> str:
    """Return a value as SQLite compares it: JSON's true and false are 1 and 0 there."""
    return {"true": "1", "false": "0"}.get(value, value)


def _take_column(endpoint: Endpoint, query: Query, name: str, column: str, value: str) -> None:
    query.given[name] = [value]
    if name == "status":
        _take_status(endpoint, query, value)
    else:
        query.require(f"{column} = ?", value)


def _take_status(endpoint: Endpoint, query: Query, value: str) -> None:
    known = STATUSES[endpoint.resource].split()
    if value not in known:
        names = ", ".join(known)
        raise errors.invalid("status", f"Invalid status: must be one of {names}")
    if value == "ended":
        query.require("status in ('canceled', 'incomplete_expired')")
    elif value != "all":
        query.require("status = ?", value)


def _take_range(query: Query, path: str | None, sign: str, name: str, value: str) -> None:
    moment = _integer(name, value)
    if path is None:
        query.require(f"created {sign} ?", moment)
    else:
        query.require(f"json_extract(cast(body as text), ?) {sign} ?", path, moment)


def _take_cursor(query: Query, name: str, value: str) -> None:
    if name == "limit":
        query.limit = _integer(name, value)
        if not 1 <= query.limit <= MOST:
            raise errors.invalid(
                "limit", f"This value must be between 1 and {MOST}.", "parameter_invalid_integer"
            )
    elif name == "starting_after":
        query.starting_after = value
    elif name == "ending_before":
        query.ending_before = value
    elif name == "expand":
        query.expand.append(value)


def _integer(name: str, value: str) -> int:
    if not re.fullmatch(r"-?\d{1,15}", value):
        raise errors.invalid(name, f"Invalid integer: {value}", "parameter_invalid_integer")
    return int(value)


def _default_visibility(endpoint: Endpoint, query: Query) -> None:
    """Leave out objects that Stripe leaves out by default."""
    clocked = endpoint.resource in ("customers", "subscriptions")
    if not (clocked and {"customer", "test_clock"} & set(query.given)):
        query.require("is_listed")
    if endpoint.resource == "subscriptions" and "status" not in query.given:
        query.require("status <> 'canceled'")
