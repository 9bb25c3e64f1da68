"""`python -m benchmarks transform`: what the marts cost, beside one hand-written DuckDB script.

Lakes of several sizes are made once and kept. On each, dbt builds and tests everything from nothing
as a run does, and again after a thousand objects changed; the script makes the same marts from the
same Parquet files, under the same memory limit, and both are compared row for row.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.transform_lakes import make_lakes
from benchmarks.transform_report import report
from benchmarks.transform_trial import Figures, fixed_start, measure
from stripe_pipeline.process.environment import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "var" / "bench" / "transform"


def main(
    sizes: Annotated[str, typer.Option(help="Invoices, comma-separated")] = "50000,200000,1000000",
    changes: Annotated[int, typer.Option(min=10, help="Objects that change")] = 1000,
    folder: Annotated[Path, typer.Option(help="Where the lakes are kept")] = FOLDER,
    seed: Annotated[int, typer.Option(help="Another seed is another merchant")] = 1,
) -> None:
    """Measure the transform at several sizes, beside a script that makes the same marts."""
    wanted = [int(size.replace("_", "")) for size in sizes.split(",")]
    start = fixed_start(folder / "empty")
    typer.echo(f"dbt on an empty lake: {start.wall:.1f} s", err=True)
    measured: list[Figures] = []
    for size, home in make_lakes(folder, wanted, seed):
        typer.echo(f"{datetime.now(UTC):%H:%M:%S} {size:,} invoices ...", err=True)
        measured.append(measure(home, changes))
    typer.echo(report(start, measured, changes))


if __name__ == "__main__":
    typer.run(main)
