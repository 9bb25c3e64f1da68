"""What an incremental run costs on a long history, against the same run on a short one.

A demo merchant is mirrored into one home folder. Another gets the same lake many times over, each
copy with ids of its own, as a merchant of that many times the invoices would have it. Then the same
objects change at Stripe, and `stripe-pipeline sync` (the sync, and dbt's staging with its tests)
runs on each home.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Cost, run
from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.files import write_files
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import TABLES, ensure_tables
from stripe_pipeline.stripe_client.catalog import BY_NAME

MEGABYTE = 1_000_000
# Small catalogues are shared by all copies of the merchant's customers.
SHARED = {"products", "prices", "coupons", "promotion_codes"}
ID = (
    r'"((?:cus|sub|si|in|il|ii|inpay|ch|py|pi|re|du|dp|di|cn|cnli|cs|li|evt|txn)_(?:test_)?)'
    r'([A-Za-z0-9]{6,})"'
)
BARE_ID = r"^([a-z]+_(?:test_)?)([A-Za-z0-9]+)$"
# How many in a thousand changed objects are of which resource.
CHANGING = {"invoices": 400, "charges": 250, "customers": 200, "subscriptions": 150}
SYNC = (sys.executable, "-m", "stripe_pipeline.cli", "sync")
TRANSFORM = (sys.executable, "-m", "benchmarks.stages", "transform")
# The first run after the copying reads and stages everything; the second puts the lake's many
# files in order, as the runs after a first sync do.
SETTLING_RUNS = 3


def main(
    customers: Annotated[int, typer.Option(min=50, help="Size of the merchant")] = 10_700,
    copies: Annotated[int, typer.Option(min=1, help="How many times longer is long")] = 20,
    changes: Annotated[int, typer.Option(min=10, help="Objects that change in a round")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, help="How often that is measured")] = 2,
    marts: Annotated[bool, typer.Option(help="Build all marts on both as well")] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another merchant")] = 1,
) -> None:
    """Measure an incremental run on a merchant's history and on one that is many times as long."""
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="stripe-pipeline-history-") as name,
        _merchant(Path(name), customers, seed) as (store, base),
    ):
        homes = {"short": Path(name) / "short", "long": Path(name) / "long"}
        environments = {each: _environment(home, base) for each, home in homes.items()}
        for home in homes.values():
            write_files(home, customers, seed, datetime.now(UTC))
        run(SYNC, environments["short"])
        console.print(f"Copying {store.count('invoices'):,} invoices {copies} times ...")
        lengthen(Lake(homes["short"] / "lake"), Lake(homes["long"] / "lake"), copies)
        for _ in range(SETTLING_RUNS):
            run(SYNC, environments["long"])
        run(SYNC, environments["short"])
        costs: dict[str, list[Cost]] = {each: [] for each in homes}
        for turn in range(rounds):
            change(store, changes, turn)
            for each, environment in environments.items():
                costs[each].append(run(SYNC, environment))
        console.print(_table(costs, homes, f"{changes:,} changed objects, {rounds} rounds"))
        if marts:
            built = {each: [run(TRANSFORM, environments[each])] for each in homes}
            console.print(_table(built, homes, "All of dbt, the marts included"))


@contextmanager
def _merchant(folder: Path, customers: int, seed: int) -> Iterator[tuple[Store, str]]:
    with build_store(customers, seed, folder=folder) as store, serve(store) as base:
        yield store, base


def _environment(home: Path, base: str) -> dict[str, str]:
    home.mkdir()
    return {
        **os.environ,
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": base,
        "STRIPE_PIPELINE_HOME": str(home),
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(home / "exchange_rates.csv"),
        "STRIPE_PIPELINE_RATE_LIMIT": "100000",
    }


def lengthen(source: Lake, target: Lake, copies: int) -> None:
    """Fill a lake with so many copies of another's objects, the last of them with their own ids.

    Batches keep their cursors, so a sync goes on from the last copy as from the source.
    """
    with target.writing(), ThreadPoolExecutor(os.cpu_count()) as pool:
        for table in BY_NAME:
            pool.submit(_lengthen_table, source, target, table, copies)
    for table in TABLES:
        if source.batches(table):
            shutil.copytree(source.root / table, target.root / table, dirs_exist_ok=True)
    ensure_tables(target)


def _lengthen_table(source: Lake, target: Lake, table: str, copies: int) -> None:
    for copy in range(copies - 1 if table not in SHARED else 0):
        for batch, rows in zip(source.batches(table), source.read(table), strict=True):
            target.append(table, _with_other_ids(rows, f"x{copy:03d}"), batch.cursor())
    for batch, rows in zip(source.batches(table), source.read(table), strict=True):
        target.append(table, rows, batch.cursor())


def _with_other_ids(rows: pa.Table, mark: str) -> pa.Table:
    for name in ("id", "customer_id"):
        column = pc.replace_substring_regex(rows[name], BARE_ID, rf"\1{mark}\2")
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)
    body = pc.replace_substring_regex(rows["body"], ID, rf'"\1{mark}\2"')
    return rows.set_column(rows.schema.get_field_index("body"), rows.schema.field("body"), body)


def change(store: Store, count: int, turn: int) -> None:
    """Change so many objects of a merchant, others in each turn; events tell of it."""
    for resource, share in CHANGING.items():
        wanted = count * share // 1000
        found = store.reader.execute(
            "select id from objects where resource = ? and is_listed"
            " order by substr(id, -6), id limit ? offset ?",
            (resource, wanted, wanted * turn),
        )
        for (identifier,) in found.fetchall():
            whole = store.read(resource, identifier)
            if whole is not None and not whole.get("deleted"):
                store.put(whole | {"metadata": {"benchmark": f"turn {turn}"}})


def _table(costs: Mapping[str, list[Cost]], homes: Mapping[str, Path], title: str) -> Table:
    table = Table(title=title)
    for heading in ("history", "lake", "seconds", "CPU seconds", "peak memory"):
        table.add_column(heading, justify="left" if heading == "history" else "right")
    for each, found in costs.items():
        size = sum(path.stat().st_size for path in homes[each].glob("lake/*/*.parquet"))
        table.add_row(
            each,
            f"{size / MEGABYTE:,.0f} MB",
            f"{_mean(cost.wall for cost in found):.1f}",
            f"{_mean(cost.cpu for cost in found):.1f}",
            f"{max(cost.peak_memory for cost in found) / MEGABYTE:,.0f} MB",
        )
    ratios = [
        _mean(figure(cost) for cost in costs["long"])
        / _mean(figure(cost) for cost in costs["short"])
        for figure in (attrgetter("wall"), attrgetter("cpu"))
    ]
    table.add_row("long / short", "", *(f"{ratio:.2f}" for ratio in ratios), "")
    return table


def _mean(figures: Iterator[float]) -> float:
    listed = list(figures)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    typer.run(main)
