"""Commands with which people record consents and suppressions."""

from pathlib import Path
from typing import Annotated

import typer

from stripe_pipeline.cli.commands.people_words import imported, recorded, still_suppressed, whose
from stripe_pipeline.settings import load_settings

consent = typer.Typer(
    no_args_is_help=True, help="Record who may be written to. An opt-out always wins."
)
suppressions = typer.Typer(
    no_args_is_help=True, help="Stop everything to an address, whatever it consented to."
)

Channel = Annotated[str, typer.Argument(help="email, sms or push")]
_FILE = (
    "CSV with the columns channel (email, sms or push), address, status (opt_in or opt_out), "
    "source (where it came from) and occurred_at (2026-01-31T09:30:00Z or 2026-01-31); commas, "
    "semicolons or tabs, in UTF-8 or UTF-16"
)
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
    file: Annotated[Path, typer.Argument(help=_FILE)],
) -> None:
    """Record the opt-ins and opt-outs of a CSV file: all of its rows, or none."""
    from stripe_pipeline.activation.consent import import_consents

    report = import_consents(load_settings(), file)
    typer.echo(imported(file, report))


@consent.command(
    "opt-in",
    epilog="Example: stripe-pipeline consent opt-in email ada@shop.example --source newsletter",
)
def opt_in(channel: Channel, address: Address, source: Source) -> None:
    """Record that a person asked to be written to."""
    _record(channel, address, "opt_in", source)


@consent.command(
    "opt-out",
    short_help="Record that a person asked for no messages.",
    epilog="Example: stripe-pipeline consent opt-out sms +12015550123 --source 'replied STOP'",
)
def opt_out(channel: Channel, address: Address, source: Source = "command line") -> None:
    """Record that a person asked not to be written to. It holds for good."""
    _record(channel, address, "opt_out", source)


def _record(channel: str, address: str, status: str, source: str) -> None:
    from stripe_pipeline.activation.consent import record_consent

    report = record_consent(load_settings(), channel, address, status, source)
    typer.echo(recorded(report))


@suppressions.command(
    "add", epilog="Example: stripe-pipeline suppress add email ada@shop.example --reason bounced"
)
def add(channel: AnyChannel, address: Address, reason: Reason = "command line") -> None:
    """Send an address nothing from now on."""
    from stripe_pipeline.activation.suppress import suppress

    settings = load_settings()
    changed = suppress(settings, channel, address, reason)
    said = "Suppressed." if changed else "Suppressed already; nothing changed."
    typer.echo(f"{said} {whose(settings, channel, address)}")


@suppressions.command(
    "lift", epilog="Example: stripe-pipeline suppress lift email ada@shop.example"
)
def lift(channel: AnyChannel, address: Address, reason: Reason = "command line") -> None:
    """Take a suppression back. Consent is asked for as before."""
    from stripe_pipeline.activation import suppress

    settings = load_settings()
    changed = suppress.lift(settings, channel, address, reason)
    said = "Lifted." if changed else f"There was no suppression of {channel}; nothing changed."
    others = still_suppressed(settings, channel, address)
    typer.echo(f"{said}{others} {whose(settings, channel, address)}")
