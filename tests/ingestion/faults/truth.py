"""What the raw tables of a home have to hold, read from the demo store's own file."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from stripe_pipeline.demo.store import Store
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.privacy.forgotten import Forgotten
from tests.ingestion.faults.raw_tables import open_raw_tables
from tests.ingestion.lakes import without_what_is_erased

Body = dict[str, Any]
Bodies = dict[str, Body]

DAY = 86_400
EVENT_DAYS = 30
RESOURCES = (
    "customers", "products", "prices", "coupons", "promotion_codes", "subscriptions", "invoices",
    "invoice_payments", "charges", "refunds", "credit_notes", "disputes", "checkout_sessions",
    "events",
)  # fmt: skip
# What Stripe shows only where it is asked for: asked for, and not.
HIDDEN_AND_WANTED = {"prices": "tiers", "coupons": "applies_to", "checkout_sessions": "line_items"}
NEVER_WANTED = ("amount_paid_off_stripe",)
NESTED = {"invoice_lines": ("invoices", "lines"), "subscription_items": ("subscriptions", "items")}


def tables_equal_truth(home: Path, store: Store, besides: Collection[str] = ()) -> None:
    """Assert that every table shows what the store says now: each object whole, once, none missing.

    `besides` are ids of objects that changed without a word, so that no one can know yet. Objects
    of customers who are deleted have only what stays of them.
    """
    theirs = Forgotten(load_erasures(Lake(home / "lake")))
    with open_raw_tables(home) as tables:
        for resource in RESOURCES:
            _assert_equal(resource, _rows(tables, resource), store, theirs, frozenset(besides))
        for table, (resource, field) in NESTED.items():
            _assert_nested(tables, table, resource, field)


def _rows(tables: duckdb.DuckDBPyConnection, table: str) -> dict[str, tuple[bool, Body]]:
    rows = tables.execute(f"select id, is_deleted, body from raw.{table}").fetchall()
    assert len(rows) == len({row[0] for row in rows}), f"a row of {table} stands there twice"
    return {row[0]: (row[1], msgspec.json.decode(row[2])) for row in rows}


def _assert_equal(
    resource: str,
    rows: dict[str, tuple[bool, Body]],
    store: Store,
    theirs: Forgotten,
    besides: frozenset[str],
) -> None:
    listed, hidden = _listed(store, resource), _hidden(store, resource)
    live = {key: body for key, (is_deleted, body) in rows.items() if not is_deleted}
    assert sorted(listed.keys() - live.keys() - besides) == [], f"missing among {resource}"
    for identifier, body in live.items():
        if identifier in besides or _has_aged_out(resource, body, store.now):
            continue
        assert identifier in listed or identifier in hidden, f"{identifier} is gone from {resource}"
        whole = _as_wanted(store, resource, listed.get(identifier) or hidden[identifier])
        wanted = without_what_is_erased(theirs, resource, whole)
        assert body == wanted, f"{identifier} of {resource} differs"
    if resource == "customers":
        unnamed = _named_customers(store) - rows.keys()
        assert sorted(unnamed) == [], "customers whom others name are missing"


def _listed(store: Store, resource: str) -> Bodies:
    """What a list without any filter shows; of events, the last 30 days."""
    oldest = store.now - EVENT_DAYS * DAY if resource == "events" else -1
    query = "select id from objects where resource = ? and is_listed and created > ?"
    found = store.reader.execute(query, (resource, oldest)).fetchall()
    return {row[0]: store.read(resource, row[0]) or {} for row in found}


def _hidden(store: Store, resource: str) -> Bodies:
    """What lists leave out and can be asked for: what is on a test clock."""
    query = "select id from objects where resource = ? and not is_listed"
    found = [row[0] for row in store.reader.execute(query, (resource,)).fetchall()]
    bodies = {identifier: store.read(resource, identifier) or {} for identifier in found}
    return {identifier: body for identifier, body in bodies.items() if not body.get("deleted")}


def _named_customers(store: Store) -> set[str]:
    query = "select distinct customer from objects where is_listed and customer is not null"
    return {row[0] for row in store.reader.execute(query).fetchall()}


def _has_aged_out(resource: str, body: Body, now: int) -> bool:
    return resource == "events" and body["created"] <= now - EVENT_DAYS * DAY


def _as_wanted(store: Store, resource: str, whole: Body) -> Body:
    """The object as the catalog asks for it: `read` gives its lists whole, and what is hidden."""
    shown = {name: value for name, value in whole.items() if name not in NEVER_WANTED}
    if resource in ("subscriptions", "invoices"):
        shown["discounts"] = _expanded(store, shown.get("discounts"))
    if resource == "subscriptions":
        items = [
            item | {"discounts": _expanded(store, item["discounts"])} if "discounts" in item
            else item for item in shown["items"]["data"]
        ]  # fmt: skip
        shown["items"] = shown["items"] | {"data": items}
    return shown


def _expanded(store: Store, discounts: Any) -> Any:
    return [store.read("discounts", each) or each for each in discounts or []]


def _assert_nested(
    tables: duckdb.DuckDBPyConnection, table: str, resource: str, field: str
) -> None:
    """Each entry of a nested list is a row, under its parent, once."""
    parent = resource.removesuffix("s") + "_id"
    rows = tables.execute(f"select {parent}, id from raw.{table}").fetchall()
    wanted = [
        (identifier, entry["id"])
        for identifier, (_, body) in _rows(tables, resource).items()
        for entry in (body.get(field) or {}).get("data", [])
    ]
    assert sorted(rows) == sorted(wanted), table
