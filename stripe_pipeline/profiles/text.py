"""Print a customer: every field with its value, meaning and origin, then what these are made of.

Wide terminals get tables, narrow ones the same as blocks of short lines.
"""

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from stripe_pipeline.activation.values import CURRENCY_COLUMNS
from stripe_pipeline.profiles.descriptions import Description, read_description
from stripe_pipeline.profiles.origins import Origin, in_full, origins
from stripe_pipeline.profiles.profile import Customer, find_customer
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.readers import Row, as_text, meanings, to_json

_SHOWN_ROWS = 20
_WIDTH_ELSEWHERE = 150
_WIDE = 110
_NOTHING = "\u2014"
_METADATA = "stripe_metadata_"
_OF_METADATA = "What the customer's metadata in Stripe has under this key.\n\nEmpty without it."


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
    _print_fields(console, customer.profile, fields)
    _print_records(console, "Orders", customer.orders, _ORDER_COLUMNS)
    _print_sales(console, customer)
    _print_records(console, "Subscriptions", customer.subscriptions, _SUBSCRIPTION_COLUMNS)
    _print_person(console, customer.person)
    for stay in customer.segments:
        console.print(f"In {stay['segment']} since {as_text(stay['entered_at'])} (UTC), because")
        for name, value in stay["why"].items():
            console.print(f"  {name}: {as_text(value)}", markup=False)


def _print_person(console: Console, links: Sequence[Row]) -> None:
    if not links:
        return
    console.print("\nThe same person", style="italic")
    for link in links:
        called = "customer" if link["member_type"] == "customer" else "guest payment"
        console.print(f"  {called} {link['member_id']}, which {link['why']}", markup=False)


Field = tuple[str, Any, str, Description, Origin | None]  # name, value, text, meaning, origin


def _fields(customer: Customer, settings: Settings) -> Iterable[Field]:
    said = meanings(settings, "customer_profiles")
    made = origins(customer, settings)
    for name, value in customer.profile.items():
        if name.endswith("_minor"):  # the same amount as a whole number, for programs
            continue
        named_by = CURRENCY_COLUMNS.get(name)
        currency = customer.profile[named_by] if named_by else settings.reporting_currency
        described = read_description(said.get(name) or _configured(name))
        yield name, value, _text(value, currency or ""), described, made.get(name)


def _configured(name: str) -> str:
    """What a field means that the settings added: dbt's descriptions don't know it."""
    return _OF_METADATA if name.startswith(_METADATA) else ""


def _text(value: Any, currency: str) -> str:
    if isinstance(value, Decimal):
        return f"{as_text(value, currency)} {currency}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "none" if value in ([], {}) else as_text(value)


def _answer(customer: Customer, fields: Iterable[Field]) -> dict[str, Any]:
    """What `--json` prints: the rows as they are, and of each field what people are shown."""
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


def _print_fields(console: Console, profile: Row, fields: Iterable[Field]) -> None:
    table = Table("field", "value", "meaning, and where it comes from")
    table.title = f"Customer {profile['stripe_customer_id']}"
    if console.width < _WIDE:
        console.print(table.title, style="italic")
    for name, value, text, described, origin in fields:
        explained = escape(_explained(value, described, origin))
        if console.width < _WIDE:
            console.print(f"[bold]{name}[/bold]  {escape(text) or _NOTHING}")
            console.print(Padding(explained, (0, 0, 0, 2)))
        else:
            table.add_row(name, escape(text), explained)
    if console.width >= _WIDE:
        console.print(table)


def _explained(value: Any, described: Description, origin: Origin | None) -> str:
    """The first sentence of the meaning, why it is empty if it is, and the origin."""
    sentence, dot, _ = described.meaning.partition(". ")
    parts = [sentence + ("." if dot else "")]
    if value is None and described.empty:
        parts.append(described.empty)
    if origin and value is not None:
        parts.append(f"= {origin.says}")
    return "\n".join(parts)


_ORDER_COLUMNS = {
    "order_id": "order", "order_source": "source", "order_status": "status",
    "ordered_at": "ordered", "currency": "currency", "order_total": "total",
    "collected": "collected", "refunded": "refunded", "disputed": "disputed", "net": "net",
}  # fmt: skip
_SALES_COLUMNS = {
    "day": "day", "fact": "what", "order_id": "order", "currency": "currency", "amount": "amount",
    "rate": "rate", "rate_day": "rate of", "converted": "converted",
}  # fmt: skip
_SUBSCRIPTION_COLUMNS = {
    "subscription_id": "subscription", "subscription_status": "status", "plan_names": "plans",
    "currency": "currency", "mrr": "a month", "started_at": "started",
    "current_period_ends_at": "period ends", "cancels_at": "cancels", "ended_at": "ended",
}  # fmt: skip
_EXACT = ("rate", "converted")


def _print_sales(console: Console, customer: Customer) -> None:
    if not customer.sales:
        return
    currency = customer.sales[0]["reporting_currency"]
    _print_records(console, f"Sales in {currency}", customer.sales[::-1], _SALES_COLUMNS)
    total = customer.profile["stripe_total_sales"]
    if total is not None:
        exact = sum((fact["converted"] for fact in customer.sales), Decimal(0))
        rounded = as_text(total, currency)
        console.print(f"Sum: {in_full(exact)} {currency}, rounded once to {rounded}")


def _print_records(
    console: Console, title: str, rows: Sequence[Row], columns: dict[str, str]
) -> None:
    """Rows as a table, or where there is little room as blocks; the newest of many."""
    if not rows:
        return
    shown = {column: heading for column, heading in columns.items() if column in rows[0]}
    heading = f"{title}: {len(rows)}"
    if len(rows) > _SHOWN_ROWS:
        heading += f", the newest {_SHOWN_ROWS}; --json has all"
    cells = [{name: _cell(row, name) for name in shown} for row in rows[:_SHOWN_ROWS]]
    if console.width >= _WIDE:
        console.print(_table(heading, cells, shown, rows[0]))
        return
    console.print(f"\n{heading}", style="italic", markup=False)
    for row in cells:
        first, *others = row.items()
        console.print(f"[bold]{escape(first[1])}[/bold]")
        said = " \u00b7 ".join(f"{shown[name]} {text}" for name, text in others if text)
        console.print(Padding(escape(said), (0, 0, 0, 2)))


def _table(title: str, cells: list[dict[str, str]], shown: dict[str, str], first: Row) -> Table:
    table = Table(title=title)
    for name, heading in shown.items():
        right = isinstance(first[name], Decimal)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(escape, row.values()))
    return table


def _cell(row: Row, name: str) -> str:
    value = row[name]
    if name == "rate" and row["rate_day"] is None:  # the reporting currency, or no rate is known
        return ""
    if name in _EXACT and value is not None:
        return in_full(value)
    return as_text(value, row.get("currency") or "")
