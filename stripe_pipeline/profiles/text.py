"""Print a customer: every field with its value, meaning and origin, then the records behind them.

Wide terminals get tables; narrow ones, files and pipes get the same as short lines.
"""

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stripe_pipeline.activation.values import CURRENCY_COLUMNS
from stripe_pipeline.profiles.descriptions import Description, of_metadata, read_description
from stripe_pipeline.profiles.lines import is_wide, print_below
from stripe_pipeline.profiles.origins import Origin, origins
from stripe_pipeline.profiles.profile import Customer, find_customer
from stripe_pipeline.profiles.records import print_orders, print_sales, print_subscriptions
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Row, as_text, meanings, to_json

_WIDTH_ELSEWHERE = 100
_NOTHING = "\u2014"
_METADATA = "stripe_metadata_"


def print_profile(
    settings: Settings, customer_id: str, *, as_json: bool, file: TextIO | None = None
) -> None:
    """Print a customer for a person, or as JSON.

    Raises:
        PipelineError: nothing is published yet, or there is no such profile.
    """
    customer = find_customer(settings, customer_id)
    fields = list(_fields(customer, settings))
    out = file or sys.stdout
    if as_json:
        out.write(to_json(_answer(customer, fields)) + "\n")
        return
    console = Console(file=out, width=None if out.isatty() else _WIDTH_ELSEWHERE, highlight=False)
    _print_heading(console, customer)
    _print_fields(console, fields)
    print_orders(console, customer)
    print_sales(console, customer)
    print_subscriptions(console, customer)
    _print_person(console, customer.person)
    _print_segments(console, customer)


def _print_heading(console: Console, customer: Customer) -> None:
    clock = customer.clock
    console.print(f"Customer {customer.profile['stripe_customer_id']}", style="bold")
    console.print(
        f"as of {as_text(clock['as_of'])} (UTC); totals in {clock['reporting_currency']}, days as "
        f"in {clock['reporting_timezone']}\n",
        soft_wrap=True,
    )


def _print_person(console: Console, links: Sequence[Row]) -> None:
    if not links:
        return
    console.print("\nThe same person", style="bold")
    for link in links:
        called = "customer" if link["member_type"] == "customer" else "guest payment"
        print_below(console, f"{called} {link['member_id']}, which {link['why']}")


def _print_segments(console: Console, customer: Customer) -> None:
    if not customer.segments:
        return
    console.print("\nSegments", style="bold")
    for stay in customer.segments:
        why = ", ".join(_reason(name, value, customer) for name, value in stay["why"].items())
        since = as_text(stay["entered_at"])
        print_below(console, f"{stay['segment']} since {since} (UTC), because of {why}")


def _reason(name: str, value: Any, customer: Customer) -> str:
    return f"{name} {as_text(value, customer.clock['reporting_currency'])}"


Field = tuple[str, Any, str, Description, Origin | None]  # name, value, text, meaning, origin


def _fields(customer: Customer, settings: Settings) -> Iterable[Field]:
    said = meanings(settings, "customer_profiles")
    made = origins(customer)
    for name, value in customer.profile.items():
        if name.endswith("_minor"):  # the same amount as a whole number, for programs
            continue
        named_by = CURRENCY_COLUMNS.get(name)
        currency = customer.profile[named_by] if named_by else customer.clock["reporting_currency"]
        described = read_description(said.get(name) or _configured(name, settings))
        yield name, value, _text(value, currency or ""), described, made.get(name)


def _configured(name: str, settings: Settings) -> str:
    """Return the meaning of a field that a setting adds, which dbt has no description for."""
    is_metadata = name.startswith(_METADATA)
    return of_metadata(settings.metadata_columns.get(name)) if is_metadata else ""


def _text(value: Any, currency: str) -> str:
    if isinstance(value, Decimal):
        return f"{as_text(value, currency)} {currency}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "none" if value in ([], {}) else as_text(value)


def _answer(customer: Customer, fields: Iterable[Field]) -> dict[str, Any]:
    """Return what `--json` prints: the rows, and each field's value, meaning and origin."""
    return {
        **vars(customer),
        "fields": [
            {
                "field": name,
                "value": value,
                "meaning": described.meaning,
                "made_of": origin._asdict() if origin else None,
            }
            for name, value, _, described, origin in fields
        ],
    }


def _print_fields(console: Console, fields: Iterable[Field]) -> None:
    table = Table("field", "value", "meaning, and where it comes from")
    for name, value, text, described, origin in fields:
        explained = _explained(value, described, origin)
        if is_wide(console):
            table.add_row(name, escape(text), escape(explained))
        else:
            _print_field(console, name, text or _NOTHING, explained)
    if is_wide(console):
        console.print(table)


def _print_field(console: Console, name: str, text: str, explained: str) -> None:
    """Print a field in a few lines: its value beside the name where it fits, else below it."""
    if len(name) + 2 + console.measure(text).maximum <= console.width:
        console.print(f"[bold]{name}[/bold]  {escape(text)}", soft_wrap=True)
    else:
        console.print(name, style="bold")
        print_below(console, text)
    print_below(console, explained)


def _explained(value: Any, described: Description, origin: Origin | None) -> str:
    """Return the first sentence of the meaning, why it is empty if it is, and the origin.

    An empty field has an origin where that names what is missing: a rate, a price.
    """
    sentence, dot, _ = described.meaning.partition(". ")
    parts = [sentence + ("." if dot else "")]
    if value is None and described.empty:
        parts.append(described.empty)
    if origin and (value is not None or origin.orders or origin.subscriptions):
        parts.append(f"= {origin.says}")
    return "\n".join(parts)
