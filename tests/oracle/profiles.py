"""Profiles: what is known of one live customer, and what their orders add up to."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from . import contacts
from .adjustments import Adjustment
from .bodies import created_of
from .money import Fact, half_up, to_major
from .objects import Body, Objects, id_of
from .orders import Order, test_clock_customers
from .question import Question, naive

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Customer:
    """One live customer with everything that is theirs."""

    body: Body
    orders: list[Order]
    adjustments: list[Adjustment]
    subscriptions: list[Body]


def customers_of(
    objects: Objects,
    question: Question,
    orders: dict[str, Order],
    adjustments: list[Adjustment],
) -> list[Customer]:
    """The customers who had been created by the as-of instant, without deleted and test ones."""
    on_clock = test_clock_customers(objects)
    subscriptions = [
        body for body in objects.live("subscriptions") if question.exists(created_of(body))
    ]
    orders_of = grouped(orders.values(), lambda order: order.customer)
    adjustments_of = grouped(adjustments, lambda row: row.customer)
    subscriptions_of = grouped(subscriptions, lambda body: id_of(body["customer"]))
    return [
        Customer(
            body,
            orders_of.get(body["id"], []),
            adjustments_of.get(body["id"], []),
            subscriptions_of.get(body["id"], []),
        )
        for body in objects.live("customers")
        if body["id"] not in on_clock and question.exists(body["created"])
    ]


def grouped(items: Iterable[T], key: Callable[[T], str | None]) -> dict[str | None, list[T]]:
    """Items by their key, each group in the order given."""
    groups: dict[str | None, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def contact_fields(body: Body) -> Row:
    """The standard fields of a customer; what is empty isn't known."""
    address, email = body.get("address") or {}, contacts.email(body.get("email"))
    fields = {
        "stripe_customer_id": body["id"],
        "email": email,
        "email_raw": body.get("email"),
        "email_deliverable": None if email is None else contacts.joinable(email) is not None,
        "full_name": body.get("name"),
        "phone": contacts.phone(body.get("phone"), contacts.country(address.get("country"))),
        "phone_raw": body.get("phone"),
        "address_line1": address.get("line1"),
        "address_line2": address.get("line2"),
        "city": address.get("city"),
        "region": address.get("state"),
        "postal_code": address.get("postal_code"),
        "country": contacts.country(address.get("country")),
        "country_raw": address.get("country"),
        "locale": contacts.locale(next(iter(body.get("preferred_locales") or []), None)),
        "created_at": naive(body["created"]),
    }
    return {name: None if value == "" else value for name, value in fields.items()}


def order_fields(customer: Customer, question: Question) -> Row:
    """The tokens and further fields that follow from the orders."""
    orders = customer.orders
    counted = [order for order in orders if order.is_counted]
    paid_at = [order.paid_at for order in orders if order.is_paid and order.paid_at is not None]
    last_counted = max((order.ordered_at for order in counted), default=None)
    return {
        "stripe_order_products": sum(order.items for order in orders if order.is_paid),
        "stripe_total_orders": len(counted),
        "stripe_first_create_order_date": naive(
            min((order.ordered_at for order in orders), default=None)
        ),
        "stripe_last_paid_order_at": naive(max(paid_at, default=None)),
        "stripe_days_since_last_order": None
        if last_counted is None
        else (question.today - question.day(last_counted)).days,
        "stripe_order_cadence_days": cadence([order.ordered_at for order in counted], question),
        "stripe_sales_by_currency": sales_by_currency(customer),
        **last_order_fields(orders),
    }


def cadence(moments: list[int], question: Question) -> int | None:
    """The average number of calendar days from one order to the next; None below two."""
    if len(moments) < 2:
        return None
    days = (question.day(max(moments)) - question.day(min(moments))).days
    return half_up(Fraction(days, len(moments) - 1))


def metadata_fields(body: Body, question: Question) -> Row:
    """The values of the metadata keys that the settings name; what is empty isn't known."""
    values = body.get("metadata") or {}
    return {
        f"stripe_metadata_{re.sub('[^a-z0-9]+', '_', key.lower()).strip('_')}": values.get(key)
        or None
        for key in question.metadata
    }


def last_order_fields(orders: list[Order]) -> Row:
    """What describes the greatest order by (ordered_at, id)."""
    last = max(orders, key=lambda order: (order.ordered_at, order.order_id), default=None)
    return {
        "stripe_order_status": last and last.status,
        "stripe_order_last_value": last and to_major(last.total, last.currency),
        "stripe_order_last_value_minor": last and last.total,
        "stripe_order_last_currency": last and last.currency,
        "stripe_last_create_order_date": last and naive(last.ordered_at),
    }


def sales_by_currency(customer: Customer) -> dict[str, Decimal] | None:
    """Net by the orders' currency in major units, without the zeros; None if one isn't known.

    An order that nothing stayed of needs no currency.
    """
    nets: dict[str, int | None] = {order.order_id: order.collected for order in customer.orders}
    for row in customer.adjustments:
        kept, lost = nets[row.order_id], row.of_order
        nets[row.order_id] = None if kept is None or lost is None else kept - lost
    net: dict[str, int] = {}
    for order in customer.orders:
        amount = nets[order.order_id]
        if amount is None or (amount and order.currency is None):
            return None
        if order.currency is not None:
            net[order.currency] = net.get(order.currency, 0) + amount
    return {key: to_major(minor, key) or Decimal(0) for key, minor in net.items() if minor}


def money_fields(customer: Customer, question: Question, knows_refunds: bool) -> Row:
    """The totals in the reporting currency; what isn't known to be refunded is None."""
    collected = [
        Fact(order.collected, order.currency, question.day(order.ordered_at))
        for order in customer.orders
    ]
    returned = [_fact(row, question) for row in customer.adjustments]
    refunds = [_fact(row, question) for row in customer.adjustments if row.kind != "dispute"]
    taken_back = [
        Fact(None if fact.amount is None else -fact.amount, fact.currency, fact.day)
        for fact in returned
    ]
    sales = question.table.total(collected + taken_back)
    counted = sum(order.is_counted for order in customer.orders)
    average = None if sales is None or not counted else half_up(Fraction(sales, counted))
    totals = {
        "stripe_total_sales": sales,
        "stripe_gross_sales": question.table.total(collected),
        "stripe_refunded": question.table.total(refunds) if knows_refunds else None,
        "stripe_average_order_value": average,
    }
    return with_majors(totals, question.currency)


def with_majors(totals: dict[str, int | None], currency: str) -> Row:
    """Each amount under its plain name in major units, and as `<name>_minor`."""
    row: Row = {}
    for name, minor in totals.items():
        row[name] = to_major(minor, currency)
        row[f"{name}_minor"] = minor
    return row


def _fact(row: Adjustment, question: Question) -> Fact:
    amount = None if row.of_order is None else row.amount
    return Fact(amount, row.currency, question.day(row.adjusted_at))


STATES = {
    "active": "stripe_subscription_active",
    "canceled": "stripe_subscription_cancelled",
    "paused": "stripe_subscription_paused",
    "trialing": "stripe_subscription_trial",
    "past_due": "stripe_subscription_past_due",
}


def is_collection_paused(subscription: Body) -> bool:
    """Whether a running subscription's collection is paused."""
    running = subscription["status"] in {"active", "trialing", "past_due"}
    return running and subscription.get("pause_collection") is not None


def subscription_counts(subscriptions: list[Body]) -> Row:
    """Subscriptions by status, those with paused collection as paused."""
    counts: Row = dict.fromkeys(STATES.values(), 0)
    for body in subscriptions:
        status = "paused" if is_collection_paused(body) else body["status"]
        if status in STATES:
            counts[STATES[status]] += 1
    return counts
