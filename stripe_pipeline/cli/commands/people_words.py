"""What is said of a consent or a suppression that was recorded: whose it is, what it changes."""

from pathlib import Path
from typing import TYPE_CHECKING

from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted

if TYPE_CHECKING:
    from stripe_pipeline.activation.consent import ConsentReport

_UNPUBLISHED = "Whether the address is known can't be said: nothing is published yet."
_NOBODYS = (
    "No customer and no guest has this address in what is published; check its spelling. The entry "
    "counts once a customer has it."
)
_OUTWEIGHED = "It changes nothing: the address has opted out, and an opt-out always wins."


def imported(file: Path, report: "ConsentReport") -> str:
    """The result of a file of consents."""
    said = [f"Read {counted(report.read, 'row')} of {file}; {report.recorded:,} new."]
    if report.unknown is None:
        said.append("Which addresses are known can't be said: nothing is published yet.")
    elif report.unknown:
        said.append(
            f"{counted(report.unknown, 'address', 'addresses')} of no customer and no guest in "
            "what is published; check their spelling."
        )
    if report.outweighed:
        said.append(
            f"{counted(report.outweighed, 'opt-in')} of addresses that have opted out: no effect, "
            "as an opt-out always wins."
        )
    return "\n".join(said)


def recorded(report: "ConsentReport") -> str:
    """The result of one consent."""
    said = ["Recorded." if report.recorded else "Recorded already; nothing changed."]
    if report.outweighed:
        said.append(_OUTWEIGHED)
    elif report.repeated and report.recorded:
        said.append("It changes nothing: the address had opted out before.")
    return " ".join([*said, _whose(report.unknown, report.owners)])


def whose(settings: Settings, channel: str, address: str) -> str:
    """Say whether an address is that of a published customer."""
    from stripe_pipeline.activation.known import known_of
    from stripe_pipeline.activation.suppress import kind_of, spell

    one = kind_of(channel, address), spell(channel, address)
    known = known_of(settings, [one])
    return _whose(known.unknown([one]), known.owners.total() if known.owners else 0)


def still_suppressed(settings: Settings, channel: str, address: str) -> str:
    """Say that another suppression of the address holds on, or nothing."""
    from stripe_pipeline.activation.suppress import CHANNELS, active_channels

    others = active_channels(settings, channel, address)
    if not others:
        return ""
    named = " and ".join(each for each in CHANNELS if each in others)
    return f" The address is suppressed for {named} still; lift that by its own name."


def _whose(unknown: int | None, owners: int) -> str:
    if unknown is None:
        return _UNPUBLISHED
    if unknown:
        return _NOBODYS
    named = counted(owners, "customer or guest payment", "customers or guest payments")
    return f"The address is that of {named}."
