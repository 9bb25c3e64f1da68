"""The points ledger under the shipped rules, and the balances."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    """One movement; `reverses` names the entry taken back by its source, "re_1 of in_1" say."""

    customer: str
    points: int
    movement: str
    occurred_at: int
    matures_at: int
    rule: str
    source_id: str
    reverses: str | None = None


def ledger_of(
    objects: Objects,
    question: Question,
    orders: dict[str, Order],
    adjustments: list[Adjustment],
) -> list[Entry]:
    """Every movement up to the as-of instant, from adjustments that stand or stood once."""
    by_order = grouped(adjustments, lambda row: row.order_id)
    earned = list(_earned(orders, question))
    reversed_ = [
        entry
        for earn in earned
        for entry in _reversals(earn, orders[earn.source_id], by_order.get(earn.source_id, []))
    ]
    return [*_welcomes(objects, question), *earned, *reversed_]


def balances_of(ledger: list[Entry]) -> dict[str, int]:
    """Points by customer; under the shipped rules all of them have matured."""
    entries = grouped(ledger, lambda entry: entry.customer)
    return {str(key): sum(entry.points for entry in theirs) for key, theirs in entries.items()}


def _welcomes(objects: Objects, question: Question) -> Iterator[Entry]:
    """Deleted customers keep theirs: they had been created all the same."""
    on_clock = test_clock_customers(objects)
    for key, body in objects.last_body("customers").items():
        if key not in on_clock and question.exists(body["created"]):
            at = body["created"]
            yield Entry(key, WELCOME_POINTS, "earn", at, at, "customer_created", key)


def _earned(orders: dict[str, Order], question: Question) -> Iterator[Entry]:
    """What was paid and then voided had earned until then."""
    once = {"paid", "void"}
    paid = [
        order for order in orders.values() if order.status in once and order.paid_at is not None
    ]
    for order in paid:
        points = order_points(order, question)
        if points > 0:
            yield _earn(order, points, "order_paid")
    for customer, theirs in grouped(paid, lambda order: order.customer).items():
        if customer is not None:
            first = min(theirs, key=lambda order: (order.paid_at, order.order_id))
            yield _earn(first, FIRST_ORDER_POINTS, "first_order_paid")


def _earn(order: Order, points: int, rule: str) -> Entry:
    if order.customer is None or order.paid_at is None:
        raise ValueError(f"{order.order_id} can't earn")
    at = order.paid_at
    return Entry(order.customer, points, "earn", at, at, rule, order.order_id)


def order_points(order: Order, question: Question) -> int:
    """Points on what was collected without tax, converted at the order's day; 0 without a rate."""
    fact = Fact(order.collected, order.currency, question.day(order.ordered_at))
    converted = question.table.convert(fact)
    if order.customer is None or not converted or order.total is None:
        return 0
    untaxed = order.total if order.untaxed is None else order.untaxed
    # A total of nothing holds no tax: an older balance was collected.
    part = Fraction(untaxed, order.total) if order.total else 1
    exact = converted * part * POINTS_PER_MAJOR_UNIT
    return exact.numerator // exact.denominator


def _reversals(earn: Entry, order: Order, adjustments: list[Adjustment]) -> Iterator[Entry]:
    """After each adjustment the sum reversed is the floored share of what was taken back.

    One that stands no longer is given back, and the later ones are as if it had never been.
    """
    if not order.collected:
        return
    adjusted = 0
    for row in sorted(_with_void(order, adjustments), key=_by_date):
        amount = row.of_order or 0
        before, after = (
            earn.points * min(sum_, order.collected) // order.collected
            for sum_ in (adjusted, adjusted + amount)
        )
        taken = replace(
            earn,
            points=before - after,
            movement="reverse",
            occurred_at=row.adjusted_at,
            matures_at=max(row.adjusted_at, earn.occurred_at),
            source_id=row.adjustment_id,
            reverses=earn.source_id,
        )
        if before != after:
            yield taken
        if before != after and not row.stands:
            name = f"{row.adjustment_id} of {row.order_id}"
            yield replace(taken, points=after - before, reverses=name)
        adjusted += amount if row.stands else 0


def _by_date(row: Adjustment) -> tuple[int, str]:
    return row.adjusted_at, row.adjustment_id


def _with_void(order: Order, adjustments: list[Adjustment]) -> list[Adjustment]:
    """Voiding an order takes all of it back."""
    if order.status != "void" or order.paid_at is None:
        return adjustments
    at = order.paid_at if order.voided_at is None else order.voided_at
    key, owner, amount = order.order_id, order.customer, order.collected or 0
    return [*adjustments, Adjustment(key, key, owner, "void", at, order.currency, amount, amount)]
