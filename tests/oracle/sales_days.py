"""Sales day by day, by the orders' day and by that on which money moved; and what must tie."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from .adjustments import Adjustment
from .money import Fact, exponent, half_up, to_major
from .objects import Objects
from .orders import Order
from .profiles import Row, grouped
from .question import Question


def day_rows(
    objects: Objects,
    question: Question,
    orders: dict[str, Order],
    adjustments: Iterable[Adjustment],
    customers: set[str],
) -> list[Row]:
    """The rows of marts.sales_by_day; `customers` are those with a profile."""
    facts = [
        (_key(order, "collected", order.currency), _of_order(order, question))
        for order in orders.values()
        if order.collected != 0
    ]
    facts += [
        (_key(orders[row.order_id], row.kind, row.currency), _of_adjustment(row, orders, question))
        for row in adjustments
    ]
    gone = {key for key, found in objects.history("customers").items() if found[-1].is_deleted}
    sums: dict[Any, dict[str, list[tuple[int | None, Fraction | None]]]] = {}
    for (customer, *rest), (days, amounts) in facts:
        for dating, day in days.items():
            key = (day, *rest, _buyer(customer, customers, gone))
            sums.setdefault(key, {"order": [], "money": []})[dating].append(amounts)
    return [_row(key, placed, question) for key, placed in sums.items()]


def _key(order: Order, fact: str, currency: str | None) -> tuple[Any, ...]:
    return order.customer, currency, order.source, fact


def _of_order(order: Order, question: Question) -> Any:
    ordered = question.day(order.ordered_at)
    paid = ordered if order.paid_at is None else question.day(order.paid_at)
    converted = question.table.convert(Fact(order.collected, order.currency, ordered))
    return {"order": ordered, "money": paid}, (order.collected, converted)


def _of_adjustment(row: Adjustment, orders: dict[str, Order], question: Question) -> Any:
    ordered, moved = question.day(orders[row.order_id].ordered_at), question.day(row.adjusted_at)
    converted = question.table.convert(Fact(-row.amount, row.currency, moved))
    exact = None if row.of_order is None else converted
    return {"order": ordered, "money": moved}, (-row.amount, exact)


def _buyer(customer: str | None, customers: set[str], gone: set[str]) -> str:
    if customer is None:
        return "guest"
    if customer in customers:
        return "customer"
    return "deleted_customer" if customer in gone else "unread_customer"


def _row(key: tuple[date, Any, Any, Any, Any], placed: Any, question: Question) -> Row:
    day, currency, source, fact, buyer = key
    row = {
        "day": day,
        "currency": currency,
        "order_source": source,
        "buyer": buyer,
        "fact": fact,
        "reporting_currency": question.currency,
    }
    for dating, amounts in placed.items():
        minor = _sum([amount for amount, _ in amounts])
        exact = _sum([converted for _, converted in amounts])
        total = None if exact is None else half_up(exact * 10 ** exponent(question.currency))
        name = f"{dating}_day"
        row |= {
            f"{name}_facts": len(amounts),
            f"{name}_amount": to_major(minor, currency),
            f"{name}_amount_minor": minor,
            f"{name}_converted": to_major(total, question.currency),
            f"{name}_converted_minor": total,
        }
    return row


def _sum(amounts: list[Any]) -> Any:
    return None if None in amounts else sum(amounts)


def tied_currencies(rows: list[Row]) -> dict[str, int | None]:
    """The sum of all facts by currency, as each dating has to give it."""
    by_currency = grouped(rows, lambda row: row["currency"] or "unknown")
    return {
        str(currency): _sum([row["amount_minor"] for row in found])
        for currency, found in by_currency.items()
    }


def tie_rows(sales: list[Row], profiles: list[Row], question: Question) -> list[Row]:
    """The rows of marts.fact_ties about sales, computed from each fact alone."""
    rows = []
    for currency, minor in tied_currencies(sales).items():
        rows += [
            tie_row(f"sales_by_day, by the {dating} day, and sales_facts", currency, minor, 0)
            for dating in ("order", "money")
        ]
    totals = [row["stripe_total_sales_minor"] for row in profiles]
    name = "sales_by_day of customers, and the total sales of customer_profiles"
    return [*rows, tie_row(name, question.currency, _sum(totals), (len(totals) + 1) // 2)]


def tie_row(name: str, currency: str, minor: int | None, tolerance: int) -> Row:
    """One row of marts.fact_ties, of whose sides one is computed."""
    return {
        "tie": name,
        "currency": currency,
        "right_minor": minor,
        "tolerance_minor": tolerance,
        "verdict": "unknown" if minor is None else "ties",
    }
