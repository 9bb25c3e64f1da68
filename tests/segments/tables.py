"""Small tables in DuckDB under the names of marts, for a segment's query to read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from stripe_pipeline.files.yaml_file import read_yaml
from stripe_pipeline.segments.fields import MARTS
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.models import model
from stripe_pipeline.warehouse.segment_queries import rendered

Row = Mapping[str, Any]
UTC = ZoneInfo("UTC")


@cache
def types_of(mart: str) -> dict[str, str]:
    """Each column of a mart with its SQL type, as dbt describes it."""
    for path in MARTS.glob("*/_*__models.yml"):
        for described in read_yaml(path)["models"]:
            if described["name"] == mart:
                return {each["name"]: each["data_type"] for each in described["columns"]}
    raise AssertionError(f"{mart} isn't described")


class Tables:
    """Marts with some rows; a column that a row doesn't name is null."""

    def __init__(self, as_of: datetime, zone: str = "UTC") -> None:
        """`as_of` is on the clock of the zone."""
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        instant = as_of.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        self.connection.execute(
            "create table run_clock as select ?::timestamp as as_of, ?::timestamp as as_of_local, "
            "? as reporting_timezone",
            [instant, as_of, zone],
        )

    def fill(self, mart: str, rows: Iterable[Row]) -> None:
        columns = types_of(mart)
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.connection.execute(f"create or replace table {mart} ({declared})")
        rows = list(rows)
        names = list(dict.fromkeys(name for row in rows for name in row))
        if names:
            places = ", ".join("?" for _ in names)
            self.connection.execute(
                f"insert into {mart} ({', '.join(names)}) values "
                + ", ".join(f"({places})" for _ in rows),
                [row.get(name) for row in rows for name in names],
            )

    def members(self, folder: Path, *names: str) -> dict[str, dict[str, str]]:
        """The members of segments of this folder, each with why."""
        segments = {each.name: each for each in load_segments(folder)}
        texts = {name: model(segments[name], segments) for name in names}
        return {name: self._members(rendered(text, str(folder))) for name, text in texts.items()}

    def _members(self, query: str) -> dict[str, str]:
        return dict(self.connection.execute(query).fetchall())
