"""One size of the transform's benchmark: dbt, the script, and a run in which little changed."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import msgspec

from benchmarks.measure import Cost, run
from benchmarks.transform_by_hand import DATABASE
from benchmarks.transform_lakes import EXCHANGE_RATES, append_changes, make_empty
from stripe_pipeline.lake import Lake
from stripe_pipeline.normalizing.step import normalized
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.warehouse.dbt_folders import dbt_folder
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.renewal import renewing
from stripe_pipeline.warehouse.transform import dbt_environment, dbt_executable

# What the product builds, see stripe_pipeline/defs/transformation.py.
BUILD = (
    "--quiet", "build", "--exclude-resource-type", "unit_test", "--exclude", "tag:grain",
)  # fmt: skip
MARTS = "marts"


class DifferentMartsError(RuntimeError):
    """The script and dbt disagree, so their times say nothing about each other."""


@dataclass(frozen=True)
class Node:
    """What dbt did for one model or test: wall seconds, and the process's peak memory meanwhile."""

    name: str
    kind: str
    wall: float
    memory: int


@dataclass(frozen=True)
class Figures:
    """One size, measured. `unscripted` are the marts' columns that the script doesn't have."""

    invoices: int
    script: Cost
    normalizing: Cost
    full: Cost
    changed_normalizing: Cost
    changed: Cost
    publish: Cost
    nodes: tuple[Node, ...]
    unscripted: tuple[str, ...]


def measure(home: Path, changes: int) -> Figures:
    """Build a home's marts from nothing, then again after some changes; run the script on the same.

    Raises:
        DifferentMartsError: the two don't come to the same marts.
        CommandFailedError: dbt or the script failed.
    """
    settings = settings_of(home)
    prepare_manifest(settings)
    for file in (*home.glob("warehouse.duckdb*"), *home.glob("lake/contact_*")):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    lake = Lake(settings.lake)
    invoices = sum(batch.rows() for batch in lake.batches("invoices"))
    normalizing = _run_stage("normalize", settings)
    full = run_dbt(settings)
    nodes = _nodes(settings, full)
    publish = _run_stage("publish", settings)
    appended = append_changes(lake, changes)
    try:
        changed_normalizing = _run_stage("normalize", settings)
        changed = run_dbt(settings)
        script = run(
            [sys.executable, "-m", "benchmarks.transform_by_hand", str(home)],
            _environment(settings),
        )
    finally:
        for batch in appended:
            batch.path.unlink()
    unscripted = compare(settings.warehouse, home / DATABASE)
    return Figures(
        invoices, script, normalizing, full, changed_normalizing, changed, publish, nodes,
        unscripted,
    )  # fmt: skip


def fixed_start(home: Path) -> Cost:
    """What dbt takes for the same command where there is nothing to compute: an empty lake."""
    home.mkdir(parents=True, exist_ok=True)
    settings = settings_of(home)
    make_empty(Lake(settings.lake))
    prepare_manifest(settings)
    run_dbt(settings)
    return run_dbt(settings)


def settings_of(home: Path) -> Settings:
    """The product's settings for a home, as of the demo's present."""
    rates = home / EXCHANGE_RATES
    return load_settings(
        STRIPE_PIPELINE_HOME=home.resolve(),
        STRIPE_PIPELINE_AS_OF=DEMO_NOW,
        STRIPE_PIPELINE_EXCHANGE_RATES=rates.resolve() if rates.exists() else None,
    )


def run_dbt(settings: Settings) -> Cost:
    """Build and test all that a run builds and tests."""
    with renewing(settings, DEMO_NOW), normalized(Lake(settings.lake)):
        environment = _environment(settings)
        folder = Path(environment["DBT_PROJECT_DIR"])
        return run([dbt_executable(), *BUILD], environment, folder=folder)


def _run_stage(name: str, settings: Settings) -> Cost:
    named = {
        "STRIPE_PIPELINE_HOME": str(settings.home),
        "STRIPE_PIPELINE_AS_OF": DEMO_NOW.isoformat(),
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(settings.exchange_rates or ""),
    }
    return run([sys.executable, "-m", "benchmarks.stages", name], {**os.environ, **named})


def _environment(settings: Settings) -> Mapping[str, str]:
    return {**os.environ, **dbt_environment(settings, DEMO_NOW)}


def _nodes(settings: Settings, cost: Cost) -> tuple[Node, ...]:
    """What dbt wrote about each model and test, with the memory that was sampled meanwhile."""
    path = dbt_folder(settings) / "target" / "run_results.json"
    results = msgspec.json.decode(path.read_bytes())["results"]
    nodes = []
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        moments = [step[end] for step in result["timing"] for end in ("started_at", "completed_at")]
        began, ended = (datetime.fromisoformat(pick(moments)).timestamp() for pick in (min, max))
        nodes.append(Node(name, kind, result["execution_time"], cost.peak_between(began, ended)))
    return tuple(nodes)


def compare(warehouse: Path, script: Path) -> tuple[str, ...]:
    """Compare the script's marts row for row; gives the columns that only the product has.

    Raises:
        DifferentMartsError: a table has other rows, or the product lacks a column of the script.
    """
    only: list[str] = []
    with duckdb.connect() as connection:
        connection.execute("set temp_directory = ?", [f"{script}.tmp"])
        for name, path in (("product", warehouse), ("script", script)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'script'"
            " and schema_name = ? order by all",
            [MARTS],
        ).fetchall():
            columns = {each: _columns(connection, each, table) for each in ("product", "script")}
            only.extend(f"{table}.{name}" for name in columns["product"] - columns["script"])
            _compare_table(connection, table, sorted(columns["script"]))
    return tuple(sorted(only))


def _columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> set[str]:
    found = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = ? and schema_name = ? and table_name = ?",
        [database, MARTS, table],
    )
    return {name for (name,) in found.fetchall()}


def _compare_table(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    rows = {
        each: f"select {', '.join(columns)} from {each}.{MARTS}.{table}"
        for each in ("product", "script")
    }
    found = connection.execute(
        f"select (select count(*) from ({rows['product']} except all {rows['script']})),"
        f" (select count(*) from ({rows['script']} except all {rows['product']}))"
    ).fetchone()
    if found != (0, 0):
        raise DifferentMartsError(
            f"{MARTS}.{table}: {found} rows only of dbt's, only of the script's"
        )
