"""Print segments, their sizes, and what a changed file would do."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stripe_pipeline.membership.asking import asking
from stripe_pipeline.membership.changes import Change, changes, chosen, funnel, sizes
from stripe_pipeline.segments.definition import Segment
from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.model_files import fields_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted, listed
from stripe_pipeline.warehouse.readers import Marts, Row, as_text, to_json

_WIDTH_ELSEWHERE = 100


def print_list(settings: Settings, *, as_json: bool) -> None:
    """Print every segment; its size is empty before the first run.

    Raises:
        UsageError: segment files can't be used.
    """
    size = sizes(Marts(settings)) if settings.published.exists() else None
    rows = [_listed(each, size) for each in _segments(settings)]
    if as_json:
        sys.stdout.write(to_json(rows) + "\n")
        return
    _print("Segments", rows, ("segment", "members", "state", "owner", "meaning"))


def _listed(segment: Segment, size: dict[str, int] | None) -> Row:
    return {
        "segment": segment.name,
        "members": None if size is None else size.get(segment.name, 0),
        "state": "enabled" if segment.is_enabled else "disabled",
        "owner": segment.owner,
        "meaning": segment.meaning,
    }


def print_funnel(settings: Settings, name: str, *, as_json: bool) -> None:
    """Print how many customers each condition leaves.

    Raises:
        UsageError: there is no such segment, or files can't be used.
        PipelineError: nothing is published yet.
    """
    segments = _segments(settings)
    segment = chosen(segments, name)
    with asking(Marts(settings), segments) as asked:
        steps = funnel(asked, segment)
    if as_json:
        found = {"segment": name, "meaning": segment.meaning, "steps": [*map(asdict, steps)]}
        sys.stdout.write(to_json(found) + "\n")
        return
    typer.echo(f"{name}: {segment.meaning}")
    if not segment.is_enabled:
        typer.echo("It is disabled: no one enters or leaves.")
    rows = [asdict(step) for step in steps]
    _print("From all customers to members", rows, ("condition", "left", "alone", "unknown"))


def print_changes(settings: Settings, name: str | None, *, as_json: bool) -> None:
    """Print who would enter and leave.

    Raises:
        UsageError: there is no such segment, or files can't be used.
        PipelineError: nothing is published yet.
    """
    segments = _segments(settings)
    by_name = {each.name: each for each in segments}
    fields = {each.name: fields_of(each, by_name) for each in segments}
    found = changes(Marts(settings), segments, fields, name)
    if as_json:
        sys.stdout.write(to_json([asdict(each) for each in found]) + "\n")
        return
    moved = [each for each in found if each.enter or each.leave]
    for each in moved:
        _print_change(each)
    for segment in segments:
        if not segment.is_enabled and name in (None, segment.name):
            typer.echo(f"{segment.name} is disabled: no one enters or leaves.")
    if not moved:
        typer.echo("No one would enter or leave a segment.")
    typer.echo("Compared with the members of the last run. Nothing is recorded.")


def _print_change(change: Change) -> None:
    after = change.members + len(change.enter) - len(change.leave)
    typer.echo(f"{change.segment}: {change.members:,} members, would be {after:,}.")
    for verb, rows in (("enter", change.enter), ("leave", change.leave)):
        if rows:
            names = [_named(row) for row in rows]
            typer.echo(f"{counted(len(rows), 'customer')} would {verb}:{listed(names)}")
    if change.undecided:
        held = counted(change.undecided, "customer")
        typer.echo(f"For want of an exchange rate {held} would stay in or out as they are.")


def _named(row: Row) -> str:
    return " ".join(filter(None, [row["stripe_customer_id"], as_text(row["full_name"])]))


def _segments(settings: Settings) -> list[Segment]:
    return load_segments(settings.segments, settings.metadata_columns)


def _print(title: str, rows: Sequence[Row], columns: Sequence[str]) -> None:
    out = sys.stdout
    console = Console(width=None if out.isatty() else _WIDTH_ELSEWHERE, highlight=False)
    table = Table(title=title, title_justify="left")
    for column in columns:
        is_number = column in ("members", "left", "alone", "unknown")
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    console.print(table)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value or ""))
