"""Homes whose warehouse holds the customers of a made-up shop, as the segments read them.

A million customers would take hours to mirror. So dbt makes its tables once, of an empty lake, and
`segment_tables.sql` fills those that segments read.
"""

import shutil
from pathlib import Path

import duckdb

from benchmarks.transform_lakes import make_empty
from benchmarks.transform_trial import run_dbt, settings_of
from stripe_pipeline.lake import Lake
from stripe_pipeline.warehouse.manifest import prepare_manifest

FILLED = ("orders", "order_coupons", "payments", "subscriptions", "customer_profiles")
ROWS = Path(__file__).with_suffix(".sql")


def empty_home(folder: Path) -> Path:
    """Make a home whose tables are all empty, and return its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = settings_of(folder)
    make_empty(Lake(settings.lake))
    prepare_manifest(settings)
    run_dbt(settings)
    return folder


def filled_home(empty: Path, folder: Path, customers: int) -> Path:
    """Copy an empty home and fill the copy's warehouse; return its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(empty, folder, symlinks=True)
    fill(settings_of(folder).warehouse, customers)
    return folder


def fill(warehouse: Path, customers: int) -> None:
    """Write the rows of a shop of so many customers into the tables of a warehouse."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in FILLED:
            _without_rules(connection, table)
        connection.execute("set variable customers = ?", [customers])
        connection.execute(ROWS.read_text(encoding="utf-8"))


def _without_rules(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Put a table of the same columns, which may all be null, in the place of a mart."""
    connection.execute(f"create temp table columns_of as select * from marts.{name} limit 0")
    [kind] = connection.execute(
        "select table_type from information_schema.tables"
        " where table_schema = 'marts' and table_name = ?",
        [name],
    ).fetchall()[0]
    connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} marts.{name}")
    connection.execute(f"create table marts.{name} as from columns_of")
    connection.execute("drop table columns_of")
