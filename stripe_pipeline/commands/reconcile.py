"""Compare everything with Stripe's lists, and print what was found."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from stripe_pipeline.readers import to_json
from stripe_pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from stripe_pipeline.stripe_api.reconcile import ReconcileReport, ResourceComparison

app = typer.Typer()

_COUNTS = ("compared", "missing", "stale", "surplus", "cosmetic", "changed", "repaired")


@app.command(epilog="Example: stripe-pipeline reconcile --json")
def reconcile(
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON")] = False,
) -> None:
    """Compare every id and amount with Stripe's lists, repair the lake, and report.

    Missing (Stripe has it, the lake hadn't), stale (an amount, status, currency, customer, address
    or entry of a list differed) and surplus (gone from Stripe) are drift, which a sync should have
    noticed: it holds what is published and exported until another reconcile finds none. Cosmetic
    differences, and what changed in Stripe since the last sync, are not.
    """
    settings = load_settings()
    report = _reconcile(settings)
    if as_json:
        sys.stdout.write(to_json(_answer(report)) + "\n")
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    for warning in report.warnings:
        console.print(warning, markup=False, soft_wrap=True)
    if sys.stdout.isatty():
        console.print(_table(report))
    else:
        for line in _lines(report):
            console.print(line, markup=False, soft_wrap=True)
    console.print(_conclusion(report), markup=False, soft_wrap=True)


def _reconcile(settings: Settings) -> "ReconcileReport":
    """Reconcile with progress on stderr, and tell Dagster's history what was found."""
    from stripe_pipeline.demo import require_right_home
    from stripe_pipeline.progress import SyncLines, progress
    from stripe_pipeline.stopping import ended_by_signals
    from stripe_pipeline.stripe_api.home import refuse_other_mode
    from stripe_pipeline.stripe_api.keys import require_key
    from stripe_pipeline.stripe_api.reconcile import reconcile as compare
    from stripe_pipeline.transform import make_folder

    refuse_other_mode(settings, require_key(settings))
    require_right_home(settings)
    folder = make_folder(settings, settings.dagster_home)
    with progress(folder / "reconcile.log"), ended_by_signals():
        report = compare(settings, progress=SyncLines())
        from stripe_pipeline.defs.reconciliation import report_drift
        from stripe_pipeline.runs import dagster_instance

        with dagster_instance(settings) as instance:
            report_drift(instance, settings)
    return report


def _answer(report: "ReconcileReport") -> dict[str, Any]:
    resources = [{**vars(each), "drift": each.drift} for each in report.resources]
    return {**vars(report), "drift": report.drift, "resources": resources}


def _table(report: "ReconcileReport") -> Table:
    table = Table("resource", title="Compared with Stripe's lists")
    for name in (*_COUNTS, "requests"):
        table.add_column(name, justify="right")
    for each in report.resources:
        counts = [f"{getattr(each, name):,}" for name in (*_COUNTS, "requests")]
        style = "bold red" if each.drift else None
        table.add_row(each.resource, *counts, style=style)
    return table


def _lines(report: "ReconcileReport") -> list[str]:
    return [f"{each.resource}: {_found(each)}" for each in report.resources]


def _found(each: "ResourceComparison") -> str:
    if each.is_first:
        return "read for the first time"
    counts = [(name, getattr(each, name)) for name in _COUNTS]
    return ", ".join(f"{count:,} {name}" for name, count in counts if count or name == "compared")


def _conclusion(report: "ReconcileReport") -> str:
    compared = sum(each.compared for each in report.resources)
    if not report.drift:
        return f"No drift: the lake has the {compared:,} objects as Stripe lists them."
    return (
        f"{report.drift:,} of {compared:,} objects had drifted and are repaired; nothing is "
        "published or exported until another `stripe-pipeline reconcile` finds no drift."
    )
