"""`python -m benchmarks stages`: a merchant is synced, transformed and exported, stage by stage.

The bare client reads the same lists in the same run, so that the sync's figure is a ratio to what
server and network allow, and not to a faster machine.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Cost, run
from benchmarks.store_process import ServedStore, served_store
from stripe_pipeline.activation.consent import import_consents
from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.settings import load_settings

MEGABYTE = 1_000_000


def main(
    customers: Annotated[int, typer.Option(min=50, help="Size of the demo merchant")] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed is another merchant")] = 1,
) -> None:
    """Measure a first run on a demo merchant stage by stage, then a second that finds nothing."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="stripe-pipeline-bench-") as folder:
        home = Path(folder)
        console.print(f"Making a merchant of {customers:,} customers ...")
        with served_store(customers, seed, home) as store:
            environment = _environment(home, store.base, datetime.now(UTC))
            import_consents(load_settings(STRIPE_PIPELINE_HOME=home), home / "consents.csv")
            console.print(_measured(environment, store))


def _environment(home: Path, base: str, now: datetime) -> dict[str, str]:
    return {
        **os.environ,
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": base,
        "STRIPE_PIPELINE_HOME": str(home),
        "STRIPE_PIPELINE_AS_OF": now.isoformat(),
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(home / "exchange_rates.csv"),
        "STRIPE_PIPELINE_RATE_LIMIT": "100000",
    }


def _measured(environment: Mapping[str, str], store: ServedStore) -> Table:
    table = Table(title="One run, stage by stage")
    for heading in ("stage", "seconds", "CPU seconds", "peak memory", "what"):
        table.add_column(heading, justify="left" if heading in ("stage", "what") else "right")
    command = [sys.executable, "-m", "benchmarks.bare_client", store.base, str(store.file)]
    bare = run(command, environment)
    objects, size = map(int, bare.output.split())
    _add(
        table,
        "bare client",
        bare,
        f"{objects:,} objects, {size / MEGABYTE:,.0f} MB; {objects / bare.wall:,.0f} objects/s",
    )
    for stage in ("sync", "parse", "transform", "publish", "export"):
        _add(table, stage, *_stage(stage, environment))
    for stage in ("sync", "transform", "publish", "export"):
        _add(table, f"{stage} again", *_stage(stage, environment))
    return table


def _stage(name: str, environment: Mapping[str, str]) -> tuple[Cost, str]:
    cost = run([sys.executable, "-m", "benchmarks.stages", name], environment)
    words = cost.output.split()
    if name == "sync":
        rate = int(words[0]) / cost.wall
        return cost, f"{int(words[0]):,} objects, {int(words[1]):,} requests; {rate:,.0f} objects/s"
    return cost, f"{int(words[-1]):,} messages" if name == "export" else ""


def _add(table: Table, name: str, cost: Cost, what: str) -> None:
    memory = f"{cost.peak_memory / MEGABYTE:,.0f} MB"
    table.add_row(name, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", memory, what)
