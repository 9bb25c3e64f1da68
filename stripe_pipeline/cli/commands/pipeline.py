"""Commands that read Stripe and run the pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_HOME, DEMO_SEED
from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]


@app.command(
    short_help="Show what the key can read, and what it lacks.",
    epilog="Example: STRIPE_API_KEY=rk_test_... stripe-pipeline check",
)
def check(as_json: Json = False) -> None:
    """Show what the key can read, and which permission is missing."""
    from stripe_pipeline.cli.commands.access import print_access
    from stripe_pipeline.ingestion.key_check import check as check_key

    print_access(check_key(load_settings()), as_json=as_json)


@app.command(
    short_help="Bring the lake and the raw tables up to date.",
    epilog="Example: stripe-pipeline sync --full",
)
def sync(
    full: Annotated[
        bool, typer.Option("--full", help="Read everything again, not only what changed")
    ] = False,
) -> None:
    """Bring the lake and the raw tables up to what Stripe says now.

    Who turns out to be deleted in Stripe is erased; where something of theirs was computed or
    published before, that is repeated.
    """
    from stripe_pipeline.cli.commands.running import run_in_terminal
    from stripe_pipeline.terminal.findings import print_findings

    home = Home.of(load_settings())
    print_findings(run_in_terminal(home, home.as_of(), groups=("stripe", "staging"), full=full))


@app.command(
    short_help="Sync, compute, check and export, once.",
    epilog="Example: stripe-pipeline run --as-of 2026-01-31T00:00:00Z",
)
def run(
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Compute for this instant, not later than now (ISO 8601, UTC unless it says "
            "otherwise); for a later one there is `preview`"
        ),
    ] = None,
) -> None:
    """Sync, compute, check and export, once: the scheduled job, recorded in Dagster."""
    from stripe_pipeline.cli.commands.running import run_in_terminal
    from stripe_pipeline.terminal.findings import print_findings
    from stripe_pipeline.terminal.summary_tables import print_summary

    home = Home.of(load_settings())
    found = run_in_terminal(home, home.as_of(as_of))
    print_summary(home.settings)
    print_findings(found)


@app.command(
    short_help="Show who would be in which segment, and get what.",
    epilog="Example: stripe-pipeline preview --on 2027-01-31 win_back",
)
def preview(
    campaign: Annotated[
        str | None, typer.Argument(help="One campaign, with its members and an example")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            help="A day in the reporting time zone (its end), or an instant (ISO 8601, UTC unless "
            "it says otherwise); by default now"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show who would be in which segment, and get what, at an instant of the past or the future.

    Computed from what the last sync read, in a folder aside: nothing is recorded, published,
    exported or sent. With a campaign, the answer names its members, and shows one message with
    that person's data.
    """
    from stripe_pipeline.cli.commands.previewing import preview_in_terminal
    from stripe_pipeline.demo.home import readers_settings

    preview_in_terminal(Home.of(readers_settings()), on, campaign, as_json=as_json)


@app.command(
    short_help="Run everything on the built-in demo store.",
    epilog="Example: stripe-pipeline demo --customers 2000",
)
def demo(
    customers: Annotated[int, typer.Option(min=50, help="Size of the shop")] = DEMO_CUSTOMERS,
    seed: Annotated[int, typer.Option(help="Another seed is another shop")] = DEMO_SEED,
    home: Annotated[
        Path,
        typer.Option(
            help="Folder that everything is written to", show_default="var/demo of the project"
        ),
    ] = DEMO_HOME,
) -> None:
    """Run the whole product on the built-in demo store: no account, no network."""
    from stripe_pipeline.cli.commands.demo import run_demo

    run_demo(home, customers=customers, seed=seed)
