"""The whole calculation: from the lake's objects and a question to the rows of the marts."""

from collections.abc import Iterable
from dataclasses import dataclass

from .adjustments import Adjustment, adjustments_of
from .attempts import failed_lately, payment_rows, unpaid_fields, unpaid_invoices
from .books import unmatched_rows
from .coupons import Coupons
from .details import detail_rows
from .further import Further, subscription_rows
from .items import Items, invoiced, orders_by_subscription
from .lines import Lines, line_ties
from .loyalty import Entry, balances_of, ledger_of
from .missing_rates import missing_rates, stale_rates
from .money import Fact, in_both_units
from .movements import Movements, movement_ties, unrated_movements
from .names import name_fields
from .objects import Objects
from .orders import Order, orders_of, test_clock_customers
from .origins import origin_rows
from .paying import paying_segments
from .people import Person, members_of, people_of, ties_of
from .people_rows import PeopleRows, link_rows
from .profiles import (
    Customer,
    Row,
    contact_fields,
    customers_of,
    grouped,
    metadata_fields,
    money_fields,
    order_fields,
    subscription_counts,
)
from .question import Question, naive
from .sales import sales_rows
from .sales_days import day_rows, tie_rows
from .segments import segments_of
from .unrated import undecided_rows, unrated_rows


@dataclass(frozen=True)
class Marts:
    """The rows of each mart, as dicts by column name; what decided by (segment, customer id)."""

    orders: list[Row]
    order_adjustments: list[Row]
    order_coupons: list[Row]
    order_lines: list[Row]
    order_line_sums: list[Row]
    payments: list[Row]
    customer_profiles: list[Row]
    people: list[Row]
    person_links: list[Row]
    subscriptions: list[Row]
    subscription_items: list[Row]
    sales_by_day: list[Row]
    mrr_movements: list[Row]
    fact_ties: list[Row]
    sales_facts: list[Row]
    unmatched_money: list[Row]
    missing_exchange_rates: list[Row]
    stale_exchange_rates: list[Row]
    unrated_fields: list[Row]
    profile_origins: list[Row]
    undecided_members: list[Row]
    segment_members: dict[tuple[str, str], Row]
    loyalty_ledger: list[Entry]


def calculate(objects: Objects, question: Question) -> Marts:
    """Compute every mart."""
    orders = orders_of(objects, question)
    once = adjustments_of(objects, question, orders)
    adjustments = [row for row in once if row.stands]
    by_order = grouped(adjustments, lambda row: row.order_id)
    customers = customers_of(objects, question, orders, adjustments)
    ledger = ledger_of(objects, question, orders, once)
    points = balances_of(ledger)
    members = members_of(objects, question, customers, orders.values())
    ties = ties_of(members, question)
    people = people_of(members, ties)
    payments = payment_rows(objects, question, orders)
    failed = failed_lately(payments, question) if objects.can_read("charges") else None
    sales = sales_rows(orders, adjustments, question)
    subscriptions = subscription_rows(objects, question, test_clock_customers(objects))
    named = {row["subscription_id"] for row in subscriptions}
    shown = [body for body in objects.live("subscriptions") if body["id"] in named]
    items, movements = Items(objects, question), Movements(objects, question)
    moved = [row for body in shown for row in movements.rows(body)]
    of_subscription = orders_by_subscription(objects, orders)
    details = detail_rows(objects, orders)
    order_rows = [
        {**order_row(order, by_order.get(key, []), objects), **details[key]}
        for key, order in orders.items()
    ]
    unpaid = unpaid_invoices(question, order_rows, payments)
    profiles = profile_rows(objects, question, customers, points, people, failed, unpaid)
    unrated = unrated_rows(objects, question, customers, ledger)
    people_rows = PeopleRows(objects, question, by_order, points)
    coupons = Coupons(objects, question).rows(orders.values())
    lines = Lines(objects, question)
    sums = [lines.sums(order) for order in orders.values()]
    line_rows = [row for order in orders.values() for row in lines.rows(order)]
    return Marts(
        orders=order_rows,
        order_adjustments=[adjustment_row(row) for row in adjustments],
        order_coupons=coupons,
        order_lines=line_rows,
        order_line_sums=sums,
        payments=payments,
        customer_profiles=profiles,
        people=[people_rows.of(person) for person in people],
        person_links=link_rows(people, ties),
        subscriptions=[
            row | invoiced(row, of_subscription.get(row["subscription_id"], []), objects)
            for row in subscriptions
        ],
        subscription_items=[row for body in shown for row in items.rows(body)],
        sales_by_day=day_rows(
            objects, question, orders, adjustments, {one.body["id"] for one in customers}
        ),
        mrr_movements=moved,
        fact_ties=tie_rows(sales, profiles, question)
        + movement_ties(shown, objects, question)
        + line_ties(sums),
        sales_facts=sales,
        unmatched_money=unmatched_rows(objects, question, orders),
        missing_exchange_rates=missing_rates(
            facts_of(orders, adjustments, people, question)
            + crossing_facts(orders, adjustments, people, question)
            + monthly_facts(objects, customers, question)
            + unrated_movements(moved, {one.body["id"] for one in customers}, question),
            question,
        ),
        stale_exchange_rates=stale_rates(
            sales, monthly_facts(objects, customers, question), question
        ),
        unrated_fields=unrated,
        profile_origins=origin_rows(
            profiles,
            orders,
            {row["order_id"]: row["net"] for row in order_rows},
            coupons,
            line_rows,
            sales,
            payments,
            unpaid,
            subscriptions,
            ledger,
            question,
        ),
        undecided_members=undecided_rows(unrated, customers),
        segment_members=segments_of(objects, question, customers, profiles, unrated)
        | paying_segments(question, profiles, order_rows, payments, subscriptions),
        loyalty_ledger=ledger,
    )


def profile_rows(
    objects: Objects,
    question: Question,
    customers: list[Customer],
    points: dict[str, int],
    people: list[Person],
    failed: dict[str, int] | None,
    unpaid: dict[str, Row],
) -> list[Row]:
    """The rows of marts.customer_profiles; what can't be told for want of payments is None."""
    further = Further(objects, question)
    person_of = {member.key: person.key for person in people for member in person.members}
    return [
        {
            **profile_row(customer, question, objects.knows_refunds),
            **further.of(customer.body["id"], customer.orders, customer.subscriptions),
            "stripe_loyalty_points": points.get(customer.body["id"], 0),
            "stripe_failed_payments": None
            if failed is None
            else failed.get(customer.body["id"], 0),
            "stripe_person_id": person_of[customer.body["id"]],
            **unpaid_fields(unpaid.get(customer.body["id"], {})),
            **metadata_fields(customer.body, question),
        }
        for customer in customers
    ]


def order_row(order: Order, adjustments: list[Adjustment], objects: Objects) -> Row:
    """One row of marts.orders; what rests on facts that can't be read is None."""
    links = objects.can_read("invoice_payments")
    notes = order.source == "payment" or objects.can_read("credit_notes")
    knows_refunds = objects.can_read("refunds") and links and notes
    disputed = _sum(row.of_order for row in adjustments if row.kind == "dispute")
    refunded = _sum(row.of_order for row in adjustments if row.kind != "dispute")
    returned = _sum([refunded, disputed])
    amounts: dict[str, int | None] = {
        "order_total": order.total,
        "order_total_excluding_tax": order.total if order.untaxed is None else order.untaxed,
        "collected": order.collected,
        "refunded": refunded if knows_refunds else None,
        "disputed": disputed if objects.can_read("disputes") and links else None,
        "net": None if order.collected is None or returned is None else order.collected - returned,
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
        **in_both_units(amounts, order.currency),
    }


def _sum(amounts: Iterable[int | None]) -> int | None:
    """The sum; None if one of them isn't known."""
    known = list(amounts)
    return None if None in known else sum(each for each in known if each is not None)


def facts_of(
    orders: dict[str, Order],
    adjustments: list[Adjustment],
    people: list[Person],
    question: Question,
) -> list[Fact]:
    """What was collected and taken back from everybody whose totals the marts give."""
    guests = {order.order_id for person in people for order in person.guests}
    facts = [
        Fact(order.collected, order.currency, question.day(order.ordered_at))
        for order in orders.values()
        if order.customer is not None or order.order_id in guests
    ]
    return facts + [
        Fact(row.amount, row.currency, question.day(row.adjusted_at))
        for row in adjustments
        if row.customer is not None or row.order_id in guests
    ]


def crossing_facts(
    orders: dict[str, Order],
    adjustments: list[Adjustment],
    people: list[Person],
    question: Question,
) -> list[Fact]:
    """What else needs a rate where something went back in another currency than its order's."""
    guests = {order.order_id for person in people for order in person.guests}
    found = []
    for row in adjustments:
        currency, day = orders[row.order_id].currency, question.day(row.adjusted_at)
        if None in (currency, row.currency) or row.currency == currency:
            continue
        found.append(Fact(1, currency, day))
        if row.customer is None and row.order_id not in guests:
            found.append(Fact(1, row.currency, day))
    return found


def monthly_facts(objects: Objects, customers: list[Customer], question: Question) -> list[Fact]:
    """What each subscription of a live customer brings in a month, as far as it is known."""
    further = Further(objects, question)
    subscriptions = [body for customer in customers for body in customer.subscriptions]
    return [fact for body in subscriptions for fact in further.monthly_facts([body]) or []]


def adjustment_row(row: Adjustment) -> Row:
    """One row of marts.order_adjustments."""
    return {
        "adjustment_id": row.adjustment_id,
        "order_id": row.order_id,
        "stripe_customer_id": row.customer,
        "adjustment_type": row.kind,
        "adjusted_at": naive(row.adjusted_at),
        "currency": row.currency,
        **in_both_units({"amount": row.amount}, row.currency),
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
