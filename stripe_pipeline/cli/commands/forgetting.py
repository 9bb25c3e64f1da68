"""The command that erases a customer's personal data."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from stripe_pipeline.cli.commands.customers import Customer
from stripe_pipeline.errors import UsageError
from stripe_pipeline.values.words import counted

if TYPE_CHECKING:
    from stripe_pipeline.forget import ForgetReport

app = typer.Typer()


@app.command(
    short_help="Erase a customer's personal data, for good.",
    epilog="Example: stripe-pipeline forget cus_9s6XKzkNRiz8i3 --yes",
)
def forget(
    customer: Customer,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it without asking; needed where no one can answer")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON")] = False,
) -> None:
    """Erase a customer's personal data from everything in the home folder, for good.

    Orders, sales totals and loyalty points stay under the id. From then on the customer counts as
    deleted, whatever Stripe says: no profile, no segment, no message, and what is read again is
    cleaned before it is written. Nothing takes that back, and nothing is changed in Stripe.

    A guest, whom Stripe knows no customer for, is forgotten by the id of a charge or of a Checkout
    session, with everything that was paid under the same email address or phone number.
    """
    from stripe_pipeline.demo.home import readers_settings
    from stripe_pipeline.forget import forget as forget_customer
    from stripe_pipeline.forget import refuse_unknown
    from stripe_pipeline.terminal.progress import progress
    from stripe_pipeline.terminal.stopping import ended_by_sigterm
    from stripe_pipeline.warehouse.readers import to_json
    from stripe_pipeline.warehouse.transform import make_folder

    settings = readers_settings()
    if not yes:
        refuse_unknown(settings, customer)
        _ask(customer)
    folder = make_folder(settings, settings.dagster_home)
    with ended_by_sigterm("forget"), progress(folder / "forget.log"):
        report = forget_customer(settings, customer)
    if as_json:
        sys.stdout.write(to_json(vars(report)) + "\n")
    else:
        typer.echo("\n".join(_lines(report)))


def _ask(customer: str) -> None:
    """Have a person at a terminal confirm it.

    Raises:
        UsageError: there is no one to ask, or the answer is no.
    """
    from stripe_pipeline.terminal.asking import ask, can_answer

    if not can_answer():
        raise UsageError(
            f"To erase the personal data of {customer} can't be taken back; add --yes to do it "
            "without being asked."
        )
    question = f"Erase the personal data of {customer} for good? Orders and points stay."
    ask(question, declined="Nothing was erased.")


def _lines(report: "ForgetReport") -> list[str]:
    done = "had been erased before" if report.was_erased_before else "is erased"
    return [
        f"The personal data of {report.stripe_customer_id} {done}.",
        f"  lake: {counted(report.lake_files, 'file')} rewritten",
        f"  deliveries that wait: {counted(report.deliveries, 'file')} rewritten",
        f"  exports: {counted(report.exports, 'file')} cleaned",
        f"  warehouse: {report.warehouse}",
        f"  published: {_published(report)}",
        "Orders, sales totals and points stay under the id. In Stripe nothing was changed.",
    ]


def _published(report: "ForgetReport") -> str:
    if report.published != "removed":
        return report.published
    return "removed, because a check fails; `stripe-pipeline run` says which, and publishes again"
