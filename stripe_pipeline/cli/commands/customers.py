"""Commands about one customer."""

from typing import Annotated

import typer

from stripe_pipeline.errors import UsageError

app = typer.Typer()


def _trimmed(customer: str) -> str:
    if not customer.strip():
        raise UsageError("The customer's id is empty; give it as Stripe shows it, as in cus_9s6XK.")
    return customer.strip()


Customer = Annotated[
    str, typer.Argument(help="The customer's id in Stripe, such as cus_...", callback=_trimmed)
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON")]


@app.command(
    short_help="Show a customer's fields, and what made them.",
    epilog="Example: stripe-pipeline profile cus_9s6XKzkNRiz8i3 --json",
)
def profile(customer: Customer, as_json: Json = False) -> None:
    """Show a customer: each field, what it means and the orders that made it."""
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.profiles.text import print_profile

    print_profile(readers_settings(), customer, as_json=as_json)


@app.command(epilog="Example: stripe-pipeline explain lapsed_6_months cus_9s6XKzkNRiz8i3")
def explain(
    segment: Annotated[str, typer.Argument(help="A segment, such as lapsed_6_months")],
    customer: Customer,
    as_json: Json = False,
) -> None:
    """Say why a customer is in a segment, or that they are not."""
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.profiles.explain import print_explanation

    print_explanation(readers_settings(), segment, customer, as_json=as_json)
