"""Which fields of a profile lack nothing but a rate, and about whom segments can't decide then."""

from .further import Further
from .loyalty import Entry
from .money import Fact
from .objects import Objects
from .profiles import Customer, Row
from .question import Question

# Of the segments' rules, the fields that may lack a rate.
NAMED_BY = dict.fromkeys(("vip", "top_5_percent", "cancelled_high_value"), ("stripe_total_sales",))
# Those that compare customers by it: where one customer lacks the rate, no one's place is known.
COMPARED_BY = ("top_5_percent",)


def unrated_rows(
    objects: Objects, question: Question, customers: list[Customer], ledger: list[Entry]
) -> list[Row]:
    """The rows of marts.unrated_fields."""
    further = Further(objects, question)
    earned = {entry.source_id for entry in ledger if entry.movement == "earn"}
    return [
        {"stripe_customer_id": customer.body["id"], "field": field}
        for customer in customers
        for field in [
            *_unrated(objects, question, customer, further),
            *_unrated_points(customer, question, earned),
        ]
    ]


def undecided_rows(unrated: list[Row], customers: list[Customer]) -> list[Row]:
    """The rows of marts.undecided_members; without recorded moves none of them is a member."""
    lacking = {(row["stripe_customer_id"], row["field"]) for row in unrated}
    return [
        {"segment": segment, "stripe_customer_id": key, "is_member": False, "fields": fields}
        for segment, named in NAMED_BY.items()
        for key in (customer.body["id"] for customer in customers)
        for fields in [sorted(field for field in named if _lacks(lacking, segment, key, field))]
        if fields
    ]


def _lacks(lacking: set[tuple[str, str]], segment: str, key: str, field: str) -> bool:
    if segment in COMPARED_BY:
        return any(named == field for _, named in lacking)
    return (key, field) in lacking


def _unrated(
    objects: Objects, question: Question, customer: Customer, further: Further
) -> list[str]:
    def lacks(facts: list[Fact]) -> bool:
        unknown = [fact for fact in facts if question.table.convert(fact) is None]
        return _can_be_rated([*unknown, *(fact for fact in uncrossed if fact in facts)])

    collected = [
        Fact(order.collected, order.currency, question.day(order.ordered_at))
        for order in customer.orders
    ]
    given_back = {
        row.adjustment_id: Fact(row.amount, row.currency, question.day(row.adjusted_at))
        for row in customer.adjustments
    }
    # Their order is in another currency, and one of the two has no rate.
    uncrossed = [
        given_back[row.adjustment_id] for row in customer.adjustments if row.of_order is None
    ]
    currencies = {order.order_id: order.currency for order in customer.orders}
    refunds = [row.adjustment_id for row in customer.adjustments if row.kind != "dispute"]
    sales = lacks([*collected, *given_back.values()])
    monthly = further.monthly_facts(customer.subscriptions)
    found = {
        "stripe_total_sales": sales,
        "stripe_gross_sales": lacks(collected) and objects.can_read("invoices"),
        "stripe_refunded": lacks([given_back[key] for key in refunds]) and objects.knows_refunds,
        "stripe_average_order_value": sales and any(order.is_counted for order in customer.orders),
        "stripe_mrr": lacks(monthly or []) and objects.can_read("subscriptions"),
    }
    fields = [field for field, is_lacking in found.items() if is_lacking]
    # Where the order says no currency, its net would stay unknown with any rate.
    crossing = any(
        row.of_order is None and row.currency and currencies[row.order_id]
        for row in customer.adjustments
    )
    by_currency = crossing and sales and objects.can_read("invoices")
    return [
        *fields,
        *(f"{field}_minor" for field in fields),
        *(["stripe_sales_by_currency"] if by_currency else []),
    ]


def _unrated_points(customer: Customer, question: Question, earned: set[str]) -> list[str]:
    """Whether an order has earned nothing yet, or lost none of it yet, for want of a rate."""
    owes = any(
        order.status in {"paid", "void"}
        and order.paid_at is not None
        and _can_be_rated([fact])
        and question.table.convert(fact) is None
        for order in customer.orders
        for fact in [Fact(order.collected, order.currency, question.day(order.ordered_at))]
    )
    currencies = {order.order_id: order.currency for order in customer.orders}
    keeps = any(
        row.of_order is None and row.currency and currencies[row.order_id]
        for row in customer.adjustments
        if row.order_id in earned
    )
    return ["stripe_loyalty_points"] if owes or keeps else []


def _can_be_rated(unknown: list[Fact]) -> bool:
    """Whether there are any, and all of them say an amount and a currency."""
    return bool(unknown) and all(
        fact.amount is not None and fact.currency is not None for fact in unknown
    )
