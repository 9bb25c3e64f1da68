"""The command that compares everything with Stripe's lists."""

from typing import Annotated

import typer

from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings

app = typer.Typer()


@app.command(
    short_help="Compare everything with Stripe's lists, and repair.",
    epilog="Example: stripe-pipeline reconcile --json",
)
def reconcile(
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON")] = False,
) -> None:
    """Compare every id and amount with Stripe's lists, repair the lake, and report.

    Missing (Stripe has it, the lake hadn't), stale (an amount, status, currency, customer, address
    or entry of a list differed) and surplus (gone from Stripe) are drift, which a sync should have
    noticed: it holds what is published and exported until another reconcile finds none. Cosmetic
    differences, and what changed in Stripe since the last sync, are not.
    """
    from stripe_pipeline.cli.commands.comparing import compare_in_terminal, print_comparison

    print_comparison(compare_in_terminal(Home.of(load_settings())), as_json=as_json)
