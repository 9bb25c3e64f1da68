"""Show one customer: the fields of the profile with their meaning, orders, segments, points."""

import sys
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from stripe_pipeline.activation.values import CURRENCY_COLUMNS
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.readers import Marts, Row, as_text, meanings, to_json
from stripe_pipeline.settings import Settings

_SHOWN_ORDERS = 20
_WIDTH_ELSEWHERE = 150


def customer(settings: Settings, customer_id: str) -> dict[str, Any]:
    """A customer's profile, orders (newest first) and open stays in segments.

    Raises:
        PipelineError: nothing is published yet, or there is no such profile.
    """
    marts = Marts(settings)
    profile = find_profile(marts, customer_id)
    theirs = "from mart where stripe_customer_id = ?"
    return {
        "profile": profile,
        "orders": marts.rows(
            "orders", f"{theirs} order by ordered_at desc, order_id", [customer_id]
        ),
        "segments": marts.rows("segment_members", f"{theirs} order by segment", [customer_id]),
    }


def find_profile(marts: Marts, customer_id: str) -> Row:
    """The row of customer_profiles.

    Raises:
        PipelineError: there is none; the reasons that there can be are given.
    """
    found = marts.rows("customer_profiles", "from mart where stripe_customer_id = ?", [customer_id])
    if not found:
        example = marts.rows(
            "customer_profiles", "select stripe_customer_id as id from mart order by 1 limit 1"
        )
        known = f" An id that exists is {example[0]['id']}." if example else ""
        raise PipelineError(
            f"There is no profile of customer {customer_id}; give the id of a customer who isn't "
            f"deleted and not on a test clock, as Stripe shows it.{known}"
        )
    return found[0]


def print_profile(
    settings: Settings, customer_id: str, *, as_json: bool, file: TextIO | None = None
) -> None:
    """Print a customer as tables, or as JSON."""
    found = customer(settings, customer_id)
    out = file or sys.stdout
    if as_json:
        out.write(to_json(found) + "\n")
        return
    console = Console(file=out, width=None if out.isatty() else _WIDTH_ELSEWHERE, highlight=False)
    console.print(_fields(found["profile"], settings))
    if found["orders"]:
        console.print(_orders(found["orders"]))
    for stay in found["segments"]:
        console.print(f"In {stay['segment']} since {as_text(stay['entered_at'])} (UTC)")


def _fields(profile: Row, settings: Settings) -> Table:
    meaning = meanings(settings, "customer_profiles")
    table = Table("field", "value", "meaning", title=f"Customer {profile['stripe_customer_id']}")
    for name, value in profile.items():
        if name.endswith("_minor"):  # the same amount as a whole number, for programs
            continue
        named_by = CURRENCY_COLUMNS.get(name)
        currency = profile[named_by] if named_by else settings.reporting_currency
        text = escape(as_text(value, currency or ""))
        table.add_row(name, text, escape(_first_sentence(meaning.get(name, ""))))
    return table


def _first_sentence(text: str) -> str:
    sentence, dot, _ = " ".join(text.split()).partition(". ")
    return sentence + ("." if dot else "")


_ORDER_COLUMNS = (
    "order_id", "order_source", "order_status", "ordered_at", "currency", "order_total",
    "collected", "refunded", "disputed", "net",
)  # fmt: skip
_HEADINGS = {"order_source": "source", "order_status": "status", "order_total": "total"}


def _orders(orders: list[Row]) -> Table:
    title = f"{len(orders)} orders"
    if len(orders) > _SHOWN_ORDERS:
        title += f", the newest {_SHOWN_ORDERS}"
    table = Table(title=title)
    for column in _ORDER_COLUMNS:
        justify: JustifyMethod = "right" if isinstance(orders[0][column], Decimal) else "left"
        table.add_column(_HEADINGS.get(column, column), justify=justify, overflow="fold")
    for order in orders[:_SHOWN_ORDERS]:
        table.add_row(*(escape(as_text(order[name], order["currency"])) for name in _ORDER_COLUMNS))
    return table
