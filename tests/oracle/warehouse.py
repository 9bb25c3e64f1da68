"""A home folder whose marts dbt builds, for comparison with the calculation."""

import csv
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import chdir
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner

from stripe_pipeline.lake import Lake
from stripe_pipeline.normalizing.step import normalized
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.transform import dbt_environment

from ..process_environment import only_in_environment
from .compare import Row, Snapshot
from .merchant import fill
from .objects import Body, Objects, read_lake
from .question import Question


class Warehouse:
    """The marts of one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def objects(self) -> Objects:
        """What the calculation works from: the lake, read without the product."""
        return read_lake(self.home / "lake")

    @property
    def lake(self) -> Lake:
        """The lake, for writing to."""
        return Lake(self.home / "lake")

    def refill(self, bodies: Iterable[Body], unreadable: Iterable[str] = ()) -> None:
        """Start over with another lake; dbt's parsed project stays, as parsing is slow."""
        self.empty()
        fill(self.home, bodies, unreadable)

    def empty(self) -> None:
        """Throw lake and warehouse away."""
        shutil.rmtree(self.home / "lake", ignore_errors=True)
        self.drop()

    def drop(self) -> None:
        """Throw the warehouse away: everything in it is computed from the lake."""
        for file in self.home.glob("warehouse.duckdb*"):
            file.unlink()

    def build(self, question: Question, *arguments: str, command: str = "build") -> None:
        """Let dbt build the marts; a model or test that fails is an AssertionError."""
        self.build_with(self.settings(question), question.as_of, *arguments, command=command)

    def build_with(
        self, settings: Settings, as_of: datetime, *arguments: str, command: str = "build"
    ) -> None:
        """The same with settings of one's own."""
        prepare_manifest(settings)  # brings the parse that serves every home
        values = dbt_environment(settings, as_of)
        # The paths are relative to the project's folder: see warehouse/dbt_folders.py.
        with (
            normalized(self.lake),
            only_in_environment({**os.environ, **values}),
            chdir(values["DBT_PROJECT_DIR"]),
        ):
            result = dbtRunner().invoke(
                [command, "--quiet", "--log-level-file", "none", "--no-write-json", *arguments]
            )
        # What dbt keeps open in this process would keep everyone else from opening the file.
        DuckDBConnectionManager.close_all_connections()
        reset_adapters()
        if not result.success:
            raise AssertionError(_failures(result))

    def settings(self, question: Question) -> Settings:
        """The product's settings for a question."""
        rates, overrides = self.home / "rates.csv", self.home / "overrides.csv"
        # Lines of a template that no one has filled in are no rates.
        waiting = [("2000-01-01", currency, " ") for currency in ("eur", "gbp", "xof")]
        _write_csv(rates, [("day", "currency", "rate"), *waiting, *question.rates])
        # People leave blanks beside a comma.
        lines = [tuple(f" {value} " for value in line) for line in question.overrides]
        _write_csv(overrides, [("action", "customer", "other"), *lines])
        return _load_known(
            STRIPE_PIPELINE_HOME=self.home,
            STRIPE_PIPELINE_AS_OF=question.as_of,
            STRIPE_PIPELINE_REPORTING_CURRENCY=question.currency,
            STRIPE_PIPELINE_REPORTING_TIMEZONE=question.zone,
            STRIPE_PIPELINE_EXCHANGE_RATES=rates,
            STRIPE_PIPELINE_ORDER_SOURCES=list(question.order_sources),
            STRIPE_PIPELINE_CUSTOMER_METADATA=list(question.metadata),
            STRIPE_PIPELINE_PERSON_METADATA_KEY=question.person_key,
            STRIPE_PIPELINE_PERSON_OVERRIDES=overrides,
        )

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, such as marts.orders."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            result = connection.execute(f"select * from {table}")
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def tables(self, *schemas: str) -> list[str]:
        """The names of all tables and views of these schemas."""
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            found = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where list_contains(?, table_schema) order by 1",
                [list(schemas)],
            )
            return [name for (name,) in found.fetchall()]

    def snapshot(self, *schemas: str) -> Snapshot:
        """Every row of every table of these schemas, as text, in no order."""
        return {
            table: Counter(repr(sorted(row.items())) for row in self.rows(table))
            for table in self.tables(*schemas)
        }


def _load_known(**values: Any) -> Settings:
    names = {field.validation_alias for field in Settings.model_fields.values()}
    return load_settings(**{name: value for name, value in values.items() if name in names})


def _write_csv(path: Path, rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def _failures(result: Any) -> str:
    if result.exception or not hasattr(result.result, "results"):
        return f"dbt failed: {result.exception}"
    bad = [node for node in result.result.results if node.status in {"error", "fail"}]
    return "\n".join(f"dbt: {node.node.name}: {node.message}" for node in bad)
