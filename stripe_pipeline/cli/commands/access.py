"""Print what a key may read."""

import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from stripe_pipeline.ingestion.key_check import CheckReport
from stripe_pipeline.warehouse.readers import to_json


def print_access(report: CheckReport, *, as_json: bool) -> None:
    """Print a table with a line for each resource, or JSON."""
    if as_json:
        answer = {**asdict(report), "missing": report.missing, "fits_home": report.fits_home}
        sys.stdout.write(to_json(answer) + "\n")
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    for warning in report.warnings:
        console.print(warning, markup=False, soft_wrap=True)
    console.print(_table(report))
    for line in _verdicts(report):
        console.print(line, markup=False, soft_wrap=True)


def _table(report: CheckReport) -> Table:
    table = Table("resource", "readable", "missing permission", title=f"A {report.mode} key")
    for access in report.resources:
        missing = "" if access.is_readable else f"{access.permission_name}: Read"
        table.add_row(access.label, "yes" if access.is_readable else "no", missing)
    return table


def _verdicts(report: CheckReport) -> list[str]:
    lines = []
    if report.missing:
        lines.append(
            "What can't be read is left out of every sync, and the fields that need it are null; "
            "add the permissions to the key in Stripe's dashboard if you want them."
        )
    else:
        lines.append("The key can read everything that the product uses.")
    if report.budget:
        lines.append(report.budget.sentence)
    if not report.fits_home:
        lines.append(
            f"The home folder holds {report.home_mode} data; name another in STRIPE_PIPELINE_HOME "
            f"before you sync with this {report.mode} key."
        )
    return lines
