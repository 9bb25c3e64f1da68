"""The whole calculation: from the lake's objects and a question to the rows of the marts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from .adjustments import Adjustment, adjustments_of
from .further import Further, subscription_rows
from .loyalty import Entry, balances_of, ledger_of
from .money import Fact, to_major
from .names import name_fields
from .objects import Objects
from .orders import Order, orders_of, test_clock_customers
from .profiles import (
    Customer,
    Row,
    contact_fields,
    customers_of,
    grouped,
    money_fields,
    order_fields,
    subscription_counts,
)
from .question import Question, naive
from .segments import members_of


@dataclass(frozen=True)
class Marts:
    """The rows of each mart, as dicts by column name; segments as (segment, customer id)."""

    orders: list[Row]
    order_adjustments: list[Row]
    customer_profiles: list[Row]
    subscriptions: list[Row]
    missing_exchange_rates: list[Row]
    segment_members: set[tuple[str, str]]
    loyalty_ledger: list[Entry]


def calculate(objects: Objects, question: Question) -> Marts:
    """Compute every mart."""
    orders = orders_of(objects, question)
    once = adjustments_of(objects, question, orders)
    adjustments = [row for row in once if row.stands]
    customers = customers_of(objects, question, orders, adjustments)
    ledger = ledger_of(objects, question, orders, once)
    points, further = balances_of(ledger), Further(objects, question)
    profiles = [
        {
            **profile_row(customer, question, objects.knows_refunds),
            **further.of(customer.body["id"], customer.orders, customer.subscriptions),
            "stripe_loyalty_points": points.get(customer.body["id"], 0),
        }
        for customer in customers
    ]
    by_order = grouped(adjustments, lambda row: row.order_id)
    return Marts(
        orders=[
            order_row(order, by_order.get(order.order_id, []), objects) for order in orders.values()
        ],
        order_adjustments=[adjustment_row(row) for row in adjustments],
        customer_profiles=profiles,
        subscriptions=subscription_rows(objects, question, test_clock_customers(objects)),
        missing_exchange_rates=missing_rates(orders, adjustments, question),
        segment_members=members_of(objects, question, customers, profiles),
        loyalty_ledger=ledger,
    )


def order_row(order: Order, adjustments: list[Adjustment], objects: Objects) -> Row:
    """One row of marts.orders; what rests on facts that can't be read is None."""
    disputed = sum(row.amount for row in adjustments if row.kind == "dispute")
    refunded = sum(row.amount for row in adjustments) - disputed
    amounts: dict[str, int | None] = {
        "order_total": order.total,
        "order_total_excluding_tax": order.total if order.untaxed is None else order.untaxed,
        "collected": order.collected,
        "refunded": refunded if objects.knows_refunds else None,
        "disputed": disputed if objects.can_read("disputes") else None,
        "net": order.collected - refunded - disputed,
    }
    return {
        "order_id": order.order_id,
        "stripe_customer_id": order.customer,
        "order_source": order.source,
        "order_status": order.status,
        "ordered_at": naive(order.ordered_at),
        "paid_at": naive(order.paid_at),
        "voided_at": naive(order.voided_at),
        "currency": order.currency,
        "is_counted": order.is_counted,
        "items_purchased": order.items,
        **_amounts(amounts, order.currency),
    }


def _amounts(amounts: dict[str, int | None], currency: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, minor in amounts.items():
        row[name], row[f"{name}_minor"] = to_major(minor, currency), minor
    return row


def missing_rates(
    orders: dict[str, Order], adjustments: list[Adjustment], question: Question
) -> list[Row]:
    """The currencies and days on which customers' facts have no rate, with how many wait."""
    facts = [
        Fact(order.collected, order.currency, question.day(order.ordered_at))
        for order in orders.values()
        if order.customer is not None
    ]
    facts += [
        Fact(row.amount, row.currency, question.day(row.adjusted_at))
        for row in adjustments
        if row.customer is not None
    ]
    waiting = Counter(
        (fact.currency, fact.day) for fact in facts if question.table.convert(fact) is None
    )
    return [
        {"currency": currency, "day": day, "facts": facts}
        for (currency, day), facts in waiting.items()
    ]


def adjustment_row(row: Adjustment) -> Row:
    """One row of marts.order_adjustments."""
    return {
        "adjustment_id": row.adjustment_id,
        "order_id": row.order_id,
        "stripe_customer_id": row.customer,
        "adjustment_type": row.kind,
        "adjusted_at": naive(row.adjusted_at),
        "currency": row.currency,
        **_amounts({"amount": row.amount}, row.currency),
    }


def profile_row(customer: Customer, question: Question, knows_refunds: bool) -> Row:
    """One row of marts.customer_profiles, without what `Further` adds."""
    return {
        **contact_fields(customer.body),
        **name_fields(customer.body),
        "stripe_delinquent": customer.body.get("delinquent"),
        **order_fields(customer, question),
        **money_fields(customer, question, knows_refunds),
        **subscription_counts(customer.subscriptions),
    }
