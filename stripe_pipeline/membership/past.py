"""A segment's past: how many were in on each day, and who was on one of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.files import segment_names
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.near_miss import did_you_mean
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.readers import Marts, Row, as_text, to_json
from stripe_pipeline.warehouse.segment_sizes import members_on, moves_per_day, sizes_per_day

_STAYS = "stays"
_WIDTH_ELSEWHERE = 100


def sizes(settings: Settings, segment: str) -> list[Row]:
    """Return the days on which anyone entered or left: `day`, `entered`, `departed`, `members`.

    Raises:
        UsageError: there is no such segment, and no stay in one of this name.
        PipelineError: nothing is published yet.
    """
    marts = Marts(settings)
    _require(marts, settings, segment)
    last, zone = _today(marts)
    with _stays(marts) as connection:
        moves = moves_per_day(connection, _STAYS, segment, zone)
        size = sizes_per_day(connection, _STAYS, segment, zone, max([last, *moves]))
    return [
        {"day": day, "entered": entered, "departed": left, "members": size[day]}
        for day, (entered, left) in moves.items()
    ]


def members(settings: Settings, segment: str, day: date) -> list[Row]:
    """Return who was in at the end of a day: `stripe_customer_id`, `entered_at`, `left_at`.

    Raises:
        UsageError: the day is later than the last run, or there is no such segment.
        PipelineError: nothing is published yet.
    """
    marts = Marts(settings)
    _require(marts, settings, segment)
    last, zone = _today(marts)
    if day > last:
        raise UsageError(
            f"The last run was on {last}, so what {day} was like isn't known; ask "
            f"`stripe-pipeline preview --on {day}` who would be in."
        )
    with _stays(marts) as connection:
        found = members_on(connection, _STAYS, segment, zone, day)
    return [dict(zip(("stripe_customer_id", "entered_at", "left_at"), row, strict=True))
            for row in found]  # fmt: skip


def print_past(settings: Settings, segment: str, on: date | None, *, as_json: bool) -> None:
    """Print the days with moves, or who was in on one day."""
    rows = sizes(settings, segment) if on is None else members(settings, segment, on)
    if as_json:
        sys.stdout.write(to_json(rows) + "\n")
    elif on is not None:
        _print_members(segment, on, rows, _first_day(settings, segment))
    elif rows:
        _print_table(f"{segment}, by day", rows)
    else:
        typer.echo(f"No one has been in {segment} yet.")


def _print_members(segment: str, day: date, rows: list[Row], first: date | None) -> None:
    typer.echo(f"{counted(len(rows), 'customer')} in {segment} at the end of {day}.")
    if first is None or day < first:
        said = f"the first recorded entry is of {first}" if first else "no entry is recorded yet"
        typer.echo(f"Runs record who enters, and {said}.")
    if rows:
        _print_table("Times are UTC", rows)


def _first_day(settings: Settings, segment: str) -> date | None:
    found = sizes(settings, segment)
    return found[0]["day"] if found else None


def _print_table(title: str, rows: list[Row]) -> None:
    width = None if sys.stdout.isatty() else _WIDTH_ELSEWHERE
    table = Table(title=title, title_justify="left")
    for name, value in rows[0].items():
        table.add_column(name, justify="right" if isinstance(value, int) else "left")
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    Console(width=width, highlight=False).print(table)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else as_text(value)


def _require(marts: Marts, settings: Settings, segment: str) -> None:
    """Refuse a name of no segment; one whose file is gone keeps its history."""
    known = segment_names(settings.segments)
    stays = marts.rows("segment_history", "select distinct segment from mart")
    if segment not in {*known, *(row["segment"] for row in stays)}:
        raise UsageError(f"There is no segment {segment}{did_you_mean(segment, known)}.")


def _today(marts: Marts) -> tuple[date, str]:
    """Return the day of the last run, and the reporting time zone."""
    [clock] = marts.rows(
        "run_clock", "select as_of_local::date as day, reporting_timezone from mart"
    )
    return clock["day"], clock["reporting_timezone"]


@contextmanager
def _stays(marts: Marts) -> Iterator[duckdb.DuckDBPyConnection]:
    path = marts.path("segment_history").replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create view {_STAYS} as from read_parquet('{path}')")
        yield connection
