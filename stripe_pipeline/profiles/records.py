"""Print the records behind a profile: orders, sales facts, subscriptions."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stripe_pipeline.profiles.lines import is_wide, print_below
from stripe_pipeline.profiles.origins import in_full, rows_of
from stripe_pipeline.profiles.profile import Customer
from stripe_pipeline.warehouse.readers import Row, as_text

_SHOWN_ROWS = 20
_BETWEEN = " \u00b7 "

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

Lines = tuple[str, str]  # of a row, where a table doesn't fit


def print_orders(console: Console, customer: Customer) -> None:
    """Print a customer's orders, the newest first."""
    _print_records(console, "Orders", customer.orders, _ORDER_COLUMNS, _order)


def print_sales(console: Console, customer: Customer) -> None:
    """Print a customer's sales facts, the newest first, and their sum."""
    if not customer.sales:
        return
    currency = customer.clock["reporting_currency"]
    title = f"Sales in {currency}"
    _print_records(console, title, customer.sales[::-1], _SALES_COLUMNS, _sale)
    total = customer.profile["stripe_total_sales"]
    if total is not None:
        (exact,) = (row["amount"] for row in rows_of(customer, "stripe_total_sales", "sum"))
        rounded = as_text(total, currency)
        console.print(f"Sum: {in_full(exact)} {currency}, rounded once to {rounded}")


def print_subscriptions(console: Console, customer: Customer) -> None:
    """Print a customer's subscriptions, the newest first."""
    rows = customer.subscriptions
    _print_records(console, "Subscriptions", rows, _SUBSCRIPTION_COLUMNS, _subscription)


def _print_records(
    console: Console,
    title: str,
    rows: Sequence[Row],
    columns: dict[str, str],
    lines: Callable[[Row], Lines],
) -> None:
    """Print rows as a table, or in two lines each where it doesn't fit; the newest of many."""
    if not rows:
        return
    heading = f"{title}: {len(rows)}"
    if len(rows) > _SHOWN_ROWS:
        heading += f", the newest {_SHOWN_ROWS}; --json has all"
    console.print(f"\n{heading}", style="bold", markup=False)
    shown = rows[:_SHOWN_ROWS]
    if is_wide(console):
        console.print(_table(shown, columns))
        return
    for first, second in map(lines, shown):
        console.print(first, markup=False, soft_wrap=True)
        print_below(console, second)


def _table(rows: Sequence[Row], columns: dict[str, str]) -> Table:
    table = Table()
    for name, heading in columns.items():
        right = isinstance(rows[0][name], Decimal)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row, name)) for name in columns))
    return table


def _cell(row: Row, name: str) -> str:
    value = row[name]
    if name == "rate" and row["rate_day"] is None:  # the reporting currency, or no rate is known
        return ""
    if name in _EXACT and value is not None:
        return in_full(value)
    return as_text(value, row["currency"] or "")


def _order(row: Row) -> Lines:
    currency = row["currency"]
    went_back = [f"{name} {_cell(row, name)}" for name in ("refunded", "disputed") if row[name]]
    amounts = [
        f"total {_cell(row, 'order_total')} {currency}", f"collected {_cell(row, 'collected')}",
        *went_back, f"net {_cell(row, 'net')}",
    ]  # fmt: skip
    first = f"{_cell(row, 'ordered_at')}  {row['order_id']}"
    return first, _BETWEEN.join([row["order_source"], row["order_status"] or "", *amounts])


def _sale(row: Row) -> Lines:
    said = f"{_cell(row, 'amount')} {row['currency']}"
    if row["converted"] is None:
        said += ", for which no exchange rate is known"
    elif row["rate_day"] is not None:
        said += f" at {_cell(row, 'rate')} (rate of {row['rate_day']})"
        said += f" = {_cell(row, 'converted')} {row['reporting_currency']}"
    return f"{row['day']}  {row['fact']} of {row['order_id']}", said


def _subscription(row: Row) -> Lines:
    parts = [row["subscription_status"], as_text(row["plan_names"])]
    if row["mrr"] != 0:
        amount = f"{_cell(row, 'mrr')} {row['currency']}" if row["mrr"] else "an unknown amount"
        parts.append(f"{amount} a month")
    dates = ("started_at", "current_period_ends_at", "cancels_at", "ended_at")
    parts += [f"{_SUBSCRIPTION_COLUMNS[name]} {_cell(row, name)}" for name in dates if row[name]]
    return row["subscription_id"], _BETWEEN.join(filter(None, parts))
