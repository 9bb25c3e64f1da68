"""Commands with which people record consents and suppressions."""

from pathlib import Path
from typing import Annotated

import typer

from stripe_pipeline.settings import load_settings

consent = typer.Typer(
    no_args_is_help=True, help="Record who may be written to. An opt-out always wins."
)
suppressions = typer.Typer(
    no_args_is_help=True, help="Stop everything to an address, whatever it consented to."
)

Channel = Annotated[str, typer.Argument(help="email, sms or push")]
AnyChannel = Annotated[str, typer.Argument(help="email, sms, push or all")]
Address = Annotated[str, typer.Argument(help="An email address, or a number such as +12015550123")]
Source = Annotated[str, typer.Option(help="Where the consent came from")]
Reason = Annotated[str, typer.Option(help="Why, in a few words")]


@consent.command(
    "import",
    short_help="Record the opt-ins and opt-outs of a CSV file.",
    epilog="Example: stripe-pipeline consent import consents.csv",
)
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV with channel,address,status,source,occurred_at")
    ],
) -> None:
    """Record the opt-ins and opt-outs of a CSV file: all of its rows, or none."""
    from stripe_pipeline.activation.consent import import_consents

    report = import_consents(load_settings(), file)
    rows = "row" if report.read == 1 else "rows"
    typer.echo(f"Read {report.read} {rows} of {file}; {report.recorded} new.")


@consent.command(
    "opt-in",
    epilog="Example: stripe-pipeline consent opt-in email ada@shop.example --source newsletter",
)
def opt_in(channel: Channel, address: Address, source: Source) -> None:
    """Record that somebody asked to be written to."""
    _record(channel, address, "opt_in", source)


@consent.command(
    "opt-out",
    short_help="Record that somebody asked for no messages.",
    epilog="Example: stripe-pipeline consent opt-out sms +12015550123 --source 'replied STOP'",
)
def opt_out(channel: Channel, address: Address, source: Source = "command line") -> None:
    """Record that somebody asked not to be written to. It holds for good."""
    _record(channel, address, "opt_out", source)


def _record(channel: str, address: str, status: str, source: str) -> None:
    from stripe_pipeline.activation.consent import record_consent

    report = record_consent(load_settings(), channel, address, status, source)
    typer.echo("Recorded." if report.recorded else "Recorded already; nothing changed.")


@suppressions.command(
    "add", epilog="Example: stripe-pipeline suppress add email ada@shop.example --reason bounced"
)
def add(channel: AnyChannel, address: Address, reason: Reason = "command line") -> None:
    """Send an address nothing from now on."""
    from stripe_pipeline.activation.suppress import suppress

    changed = suppress(load_settings(), channel, address, reason)
    typer.echo("Suppressed." if changed else "Suppressed already; nothing changed.")


@suppressions.command(
    "lift", epilog="Example: stripe-pipeline suppress lift email ada@shop.example"
)
def lift(channel: AnyChannel, address: Address, reason: Reason = "command line") -> None:
    """Take a suppression back. Consent is asked for as before."""
    from stripe_pipeline.activation import suppress

    changed = suppress.lift(load_settings(), channel, address, reason)
    typer.echo("Lifted." if changed else "There was no such suppression; nothing changed.")
