"""The points ledger under the shipped rules, and the balances."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .adjustments import Adjustment
from .money import Fact
from .objects import Objects
from .orders import Order, test_clock_customers
from .profiles import grouped
from .question import Question

POINTS_PER_MAJOR_UNIT = 1
FIRST_ORDER_POINTS = 100
WELCOME_POINTS = 50


@dataclass(frozen=True)
class Entry:
    """One movement; `reverses` is the source of the entry that a reversal takes back."""

    customer: str
    points: int
    movement: str
    occurred_at: int
    rule: str
    source_id: str
    reverses: str | None = None


def ledger_of(
    objects: Objects,
    question: Question,
    orders: dict[str, Order],
    adjustments: list[Adjustment],
) -> list[Entry]:
    """Every movement up to the as-of instant that follows from adjustments that stand."""
    by_order = grouped(adjustments, lambda row: row.order_id)
    earned = list(_earned(orders, question))
    reversed_ = [
        entry
        for earn in earned
        for entry in _reversals(
            earn, orders[earn.source_id].collected, by_order.get(earn.source_id, [])
        )
    ]
    return [*_welcomes(objects, question), *earned, *reversed_]


def balances_of(ledger: list[Entry]) -> dict[str, int]:
    """Points by customer."""
    balances: dict[str, int] = {}
    for entry in ledger:
        balances[entry.customer] = balances.get(entry.customer, 0) + entry.points
    return balances


def _welcomes(objects: Objects, question: Question) -> Iterator[Entry]:
    """Deleted customers keep theirs: they had been created all the same."""
    on_clock = test_clock_customers(objects)
    for key, body in objects.last_body("customers").items():
        if key not in on_clock and question.exists(body["created"]):
            yield Entry(key, WELCOME_POINTS, "earn", body["created"], "customer_created", key)


def _earned(orders: dict[str, Order], question: Question) -> Iterator[Entry]:
    paid = [order for order in orders.values() if order.is_paid and order.paid_at is not None]
    for order in paid:
        points = order_points(order, question)
        if points:
            yield _earn(order, points, "order_paid")
    for customer, theirs in grouped(paid, lambda order: order.customer).items():
        if customer is not None:
            first = min(theirs, key=lambda order: (order.paid_at, order.order_id))
            yield _earn(first, FIRST_ORDER_POINTS, "first_order_paid")


def _earn(order: Order, points: int, rule: str) -> Entry:
    if order.customer is None or order.paid_at is None:
        raise ValueError(f"{order.order_id} can't earn")
    return Entry(order.customer, points, "earn", order.paid_at, rule, order.order_id)


def order_points(order: Order, question: Question) -> int:
    """Points on what was collected without tax, converted at the order's day; 0 without a rate."""
    fact = Fact(order.collected, order.currency, question.day(order.ordered_at))
    converted = question.table.convert(fact)
    if order.customer is None or not converted or not order.total:
        return 0
    untaxed = order.total if order.untaxed is None else order.untaxed
    exact = converted * Fraction(untaxed, order.total) * POINTS_PER_MAJOR_UNIT
    return exact.numerator // exact.denominator


def _reversals(earn: Entry, collected: int, adjustments: list[Adjustment]) -> Iterator[Entry]:
    """After each adjustment the sum reversed is the floored share of what was taken back."""
    if not collected:
        return
    adjusted = reversed_ = 0
    for row in sorted(adjustments, key=lambda row: (row.adjusted_at, row.adjustment_id)):
        adjusted += row.amount
        due = earn.points * min(adjusted, collected) // collected
        if due != reversed_:
            yield Entry(
                earn.customer,
                reversed_ - due,
                "reverse",
                row.adjusted_at,
                earn.rule,
                row.adjustment_id,
                earn.source_id,
            )
        reversed_ = due
