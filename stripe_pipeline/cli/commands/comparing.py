"""Compare everything with Stripe in the terminal, and print what was found."""

import logging
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from stripe_pipeline.demo.home import require_right_home
from stripe_pipeline.forget import follow_up
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.mirror.key_mode import refuse_other_mode
from stripe_pipeline.ingestion.reconciliation.reconcile import (
    ReconcileReport,
    ResourceComparison,
    reconcile,
)
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.terminal.progress import SyncLines, progress
from stripe_pipeline.terminal.stopping import ended_by_sigterm
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.readers import to_json
from stripe_pipeline.warehouse.transform import make_folder

logger = logging.getLogger(__name__)

_COUNTS = ("compared", "missing", "stale", "surplus", "cosmetic", "changed", "repaired")


def compare_in_terminal(home: Home) -> ReconcileReport:
    """Reconcile with progress on stderr, and tell Dagster's history what was found.

    Raises:
        UsageError: the key is wrong.
        PipelineError: the home folder can't be written, or Stripe can't be read.
    """
    settings = home.settings
    refuse_other_mode(settings, require_key(settings))
    require_right_home(settings)
    folder = make_folder(settings, settings.dagster_home)
    with ended_by_sigterm("reconcile"), progress(folder / "reconcile.log"):
        logger.info("Comparing everything in the lake with Stripe's lists")
        report = reconcile(settings, progress=SyncLines())
        # Dagster takes seconds to import: Stripe is read first.
        from stripe_pipeline.defs.reconciliation import report_drift
        from stripe_pipeline.orchestration.runs import dagster_instance

        with dagster_instance(settings) as instance:
            report_drift(instance, settings)
        follow_up(settings)
    return report


def print_comparison(report: ReconcileReport, *, as_json: bool) -> None:
    """Print a table on a terminal, a line for each resource elsewhere, or JSON."""
    is_terminal = sys.stdout.isatty()
    if as_json:
        sys.stdout.write(to_json(_answer(report)) + "\n")
        return
    console = Console(highlight=False, soft_wrap=not is_terminal)
    for warning in report.warnings:
        console.print(warning, markup=False, soft_wrap=True)
    if is_terminal:
        console.print(_table(report))
    else:
        console.print("\n".join(_lines(report)), markup=False)
    console.print(_conclusion(report), markup=False, soft_wrap=True)


def _answer(report: ReconcileReport) -> dict[str, Any]:
    resources = [{**vars(each), "drift": each.drift} for each in report.resources]
    return {**vars(report), "drift": report.drift, "resources": resources}


def _table(report: ReconcileReport) -> Table:
    table = Table("resource", title="Compared with Stripe's lists")
    for name in (*_COUNTS, "requests"):
        table.add_column(name, justify="right")
    for each in report.resources:
        counts = [f"{getattr(each, name):,}" for name in (*_COUNTS, "requests")]
        style = "bold red" if each.drift else None
        table.add_row(each.resource, *counts, style=style)
    return table


def _lines(report: ReconcileReport) -> list[str]:
    return [f"{each.resource}: {_found(each)}" for each in report.resources]


def _found(each: ResourceComparison) -> str:
    if each.is_first:
        return "read for the first time"
    counts = [(name, getattr(each, name)) for name in _COUNTS]
    return ", ".join(f"{count:,} {name}" for name, count in counts if count or name == "compared")


def _conclusion(report: ReconcileReport) -> str:
    compared = sum(each.compared for each in report.resources)
    if not report.drift:
        return f"No drift: the lake has {counted(compared, 'object')} as Stripe lists them."
    return (
        f"{report.drift:,} of {counted(compared, 'object')} had drifted, now repaired; nothing is "
        "published or exported until another `stripe-pipeline reconcile` finds no drift."
    )
