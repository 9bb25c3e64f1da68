"""`python -m benchmarks segments`: what all segments cost, beside one hand-written query.

Shops of several sizes are made as tables, with the moves that a run of the day before recorded. dbt
computes and tests the segments' models on them as a run does; the same models' SQL is also executed
alone, without dbt; and one query answers the same memberships at once. Members, the instants at
which they entered and the values that decided are compared row for row.
"""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from math import log
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.measure import Cost
from benchmarks.segment_tables import empty_home, filled_home
from benchmarks.segment_trial import Figures, build, measure
from benchmarks.transform_report import cost_cells, table
from stripe_pipeline.process.environment import PROJECT_ROOT

SIZES = "100000,300000,1000000"
FOLDER = PROJECT_ROOT / "var" / "bench" / "segments"


def main(
    sizes: Annotated[str, typer.Option(help="Customers, comma-separated")] = SIZES,
    folder: Annotated[Path, typer.Option(help="Where the shops are made")] = FOLDER,
) -> None:
    """Measure all segments at several sizes, beside a query that answers the same memberships."""
    empty = empty_home(folder / "empty")
    start = build(empty)
    typer.echo(f"dbt on empty tables: {start.wall:.1f} s", err=True)
    measured: list[Figures] = []
    for size in sorted(int(each.replace("_", "")) for each in sizes.split(",")):
        typer.echo(f"{datetime.now(UTC):%H:%M:%S} {size:,} customers ...", err=True)
        home = filled_home(empty, folder / f"{size}", size)
        measured.append(measure(home, size))
        # A million customers with their orders are some gigabytes.
        shutil.rmtree(home)
    typer.echo(report(start, measured))


def report(start: Cost, measured: Sequence[Figures]) -> str:
    """Return both tables as Markdown; `start` is dbt's cost where there is nothing to compute."""
    rows: list[tuple[str, ...]] = [("-", "dbt on empty tables", *cost_cells(start))]
    for each in measured:
        rows += _costs(each)
    headings = ("customers", "what", "seconds", "CPU seconds", "peak memory")
    return f"{table(headings, rows)}\n{_ratios(measured)}"


def _costs(figures: Figures) -> list[tuple[str, ...]]:
    told = f"{figures.customers:,}"
    return [
        (told, "one hand-written query", *cost_cells(figures.script)),
        (told, "the models' SQL alone", *cost_cells(figures.models)),
        (told, "dbt with all tests", *cost_cells(figures.whole)),
    ]


def _ratios(measured: Sequence[Figures]) -> str:
    headings = (
        "customers", "memberships", "models / query", "the same in CPU",
        "in CPU without segment_history",
        "growth of the models' CPU", "of the query's",
    )  # fmt: skip
    rows = []
    for before, each in zip([None, *measured], measured, strict=False):
        models = _exponent(before, each, "models") if before else "-"
        script = _exponent(before, each, "script") if before else "-"
        rows.append((
            f"{each.customers:,}", f"{each.members:,}",
            f"{each.models.wall / each.script.wall:.2f}",
            f"{each.models.cpu / each.script.cpu:.2f}",
            f"{(each.models.cpu - each.history) / each.script.cpu:.2f}", models, script,
        ))  # fmt: skip
    return table(headings, rows)


def _exponent(before: Figures, each: Figures, what: str) -> str:
    """Return by which power of the customers the CPU grew; 1.00 is in proportion."""
    grown = getattr(each, what).cpu / getattr(before, what).cpu
    return f"{log(grown) / log(each.customers / before.customers):.2f}"


if __name__ == "__main__":
    typer.run(main)
