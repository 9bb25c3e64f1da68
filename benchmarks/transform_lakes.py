"""Lakes of merchants of any size, made once from one demo merchant and kept for the next time.

The demo store would take an hour to make a million invoices. So one merchant is mirrored, and a
larger one is that merchant many times over, each copy with ids, names, addresses and phone numbers
of its own: who shares an address with whom decides what joining people costs.
"""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.history import BARE_ID, CHANGING, ID, SHARED
from stripe_pipeline.demo.home import demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import Batch
from stripe_pipeline.lake.objects import OBJECT_SCHEMA
from stripe_pipeline.lake.tables import TABLES, ensure_tables
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.stripe_client.catalog import BY_NAME

# What the demo store's merchants have in common.
INVOICES_A_CUSTOMER = 4.8
FEWEST_CUSTOMERS = 50
EMAIL = r'"((?:receipt_)?email)":"([^"@]+)@'
EXCHANGE_RATES = "exchange_rates.csv"
# Another recipe makes other lakes: those that were kept are thrown away.
RECIPE = 3


@dataclass(frozen=True)
class Recipe:
    """What a lake is made from: a merchant of the demo store, and how many times."""

    customers: int
    copies: int
    seed: int
    version: int = RECIPE


def make_lakes(folder: Path, sizes: list[int], seed: int) -> Iterator[tuple[int, Path]]:
    """Give for each number of invoices a home folder whose lake holds about as many.

    Homes that an earlier call left in the folder are used again. The smallest size is the merchant
    that the others are made of.
    """
    smallest = min(sizes)
    customers = max(FEWEST_CUSTOMERS, round(smallest / INVOICES_A_CUSTOMER))
    base = folder / f"{smallest}"
    for size in sorted(sizes):
        home = folder / f"{size}"
        recipe = Recipe(customers, max(1, round(size / smallest)), seed)
        if not _is_made(home, recipe):
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            _mirror(home, recipe) if home == base else _multiply(base, home, recipe.copies)
            (home / "recipe.json").write_text(json.dumps(asdict(recipe)))
        yield size, home


def _is_made(home: Path, recipe: Recipe) -> bool:
    note = home / "recipe.json"
    return note.exists() and json.loads(note.read_text()) == asdict(recipe)


def _mirror(home: Path, recipe: Recipe) -> None:
    write_files(home, recipe.customers, recipe.seed, DEMO_NOW)
    with build_store(recipe.customers, recipe.seed, DEMO_NOW) as store, serve(store) as url:
        values = demo_settings(home, url) | {"STRIPE_PIPELINE_RATE_LIMIT": "100000"}
        settings = load_settings(values)
        sync(settings)
    ensure_tables(Lake(settings.lake))


def _multiply(base: Path, home: Path, copies: int) -> None:
    shutil.copy(base / EXCHANGE_RATES, home)
    source, target = Lake(base / "lake"), Lake(home / "lake")
    with target.writing(), ThreadPoolExecutor(2) as pool:
        done = [pool.submit(_multiply_table, source, target, table, copies) for table in BY_NAME]
        for each in done:
            each.result()
    for table in TABLES:
        if source.batches(table):
            shutil.copytree(source.root / table, target.root / table, dirs_exist_ok=True)
    ensure_tables(target)


def _multiply_table(source: Lake, target: Lake, table: str, copies: int) -> None:
    """One file a copy, as a lake in use merges small ones."""
    parts = list(source.read(table))
    if not parts:
        return
    rows = pa.concat_tables(parts)
    cursor = source.batches(table)[-1].cursor()
    for copy in range(copies - 1 if table not in SHARED else 0):
        target.append(table, _another(table, rows, f"x{copy:03d}"), cursor)
    target.append(table, rows, cursor)


def _another(table: str, rows: pa.Table, mark: str) -> pa.Table:
    """The same rows as another merchant's: other ids, other people."""
    for name in ("id", "customer_id"):
        rows = _set(rows, name, pc.replace_substring_regex(rows[name], BARE_ID, rf"\1{mark}\2"))
    body = pc.replace_substring_regex(rows["body"], ID, rf'"\1{mark}\2"')
    if table in ("customers", "checkout_sessions", "charges"):
        body = pc.replace_substring_regex(body, EMAIL, rf'"\1":"\2.{mark}@')
    if table == "customers":
        random = Random(mark)
        people = [_other_person(text, random) for text in body.to_pylist()]
        body = pa.chunked_array([pa.array(people, body.type)])
    return _set(rows, "body", body)


def _set(rows: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(name), column)


def _other_person(text: str, random: Random) -> str:
    """A customer with another surname and phone number, as untidy as before."""
    body: dict[str, Any] = json.loads(text)
    name, phone = body.get("name"), body.get("phone")
    if name and name.replace(" ", "").isalpha():
        body["name"] = name + "".join(random.choices("aeiklmnorstu", k=3))
    if phone and phone.startswith("+") and phone[1:].replace(" ", "").isdigit():
        free = 7 if phone.startswith("+1") else 6
        digits = phone.replace(" ", "")[:-free]
        body["phone"] = f"{digits}{random.choice('23456789')}" + "".join(
            random.choices("0123456789", k=free - 1)
        )
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def make_empty(lake: Lake) -> None:
    """Give a lake every table, as a first sync of an account without objects does."""
    with lake.writing():
        for table in BY_NAME:
            if not lake.batches(table):
                lake.append(table, OBJECT_SCHEMA.empty_table(), {})
    ensure_tables(lake)


def append_changes(lake: Lake, count: int) -> list[Batch]:
    """Append another version of so many objects, as a sync does of what changed at Stripe.

    Gives the batches that were written: without them the lake is as it was.
    """
    written = []
    with lake.writing():
        for table, share in CHANGING.items():
            rows = _newest(lake, table, count * share // 1000)
            bodies = [_changed(text) for text in rows["body"].to_pylist()]
            column = pa.chunked_array([pa.array(bodies, rows["body"].type)])
            cursor = lake.batches(table)[-1].cursor()
            written.append(lake.append(table, _set(rows, "body", column), cursor))
    return written


def _newest(lake: Lake, table: str, count: int) -> pa.Table:
    """The rows that were written last, so many of them or all there are."""
    found: list[pa.Table] = []
    for batch in reversed(lake.batches(table)):
        with batch.open() as file:
            found.insert(0, file.read())
        if sum(part.num_rows for part in found) >= count:
            break
    rows = pa.concat_tables(found)
    return rows.slice(max(0, rows.num_rows - count))


def _changed(text: str) -> str:
    body: dict[str, Any] = json.loads(text)
    if "deleted" not in body:
        body["metadata"] = {"benchmark": "changed"}
    if body.get("amount_paid"):
        body["amount_paid"] += 1
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
