"""What must follow from a change of the input, whatever the definitions say in detail."""

from collections import Counter
from itertools import chain
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle import shapes
from ..oracle.compare import agree, columns_but, snapshot_differences
from ..oracle.loyalty import WELCOME_POINTS
from ..oracle.merchant import write_batches
from ..oracle.objects import Body
from ..oracle.profiles import grouped
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse
from .extent import whole_lakes
from .strategies import MERCHANTS, MODELS, QUESTIONS, lake, merchants, questions, seeds
from .transformations import everything_refunded, halved, nothing_taken_back

MARTS = ("marts",)


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions, order=st.integers(0, 2**32 - 1))
@example(seeds=lake(8), question=QUESTIONS[1], order=1)
def test_the_order_of_arrival_changes_nothing(
    warehouse: Warehouse, seeds: list[int], question: Question, order: int
) -> None:
    """Objects arrive in any order, in one batch or two, only each object's versions in turn.

    What is built twice from the same lake is the same, too.
    """
    bodies = list(chain.from_iterable(merchants(seeds, question)))
    warehouse.refill(bodies)
    warehouse.build(question, *MODELS)
    before = warehouse.snapshot(*MARTS)
    warehouse.build(question, "--full-refresh", *MODELS)
    agree(snapshot_differences(before, warehouse.snapshot(*MARTS)))
    shuffled = _shuffled(Random(order), bodies)
    warehouse.refill(shuffled[: len(bodies) // 3])
    write_batches(warehouse.lake, shuffled[len(bodies) // 3 :])
    warehouse.build(question, *MODELS)
    agree(snapshot_differences(before, warehouse.snapshot(*MARTS)))


def _shuffled(random: Random, bodies: list[Body]) -> list[Body]:
    versions = list(grouped(bodies, lambda body: body["id"]).values())
    random.shuffle(versions)
    return list(chain.from_iterable(versions))


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions)
@example(seeds=lake(9), question=QUESTIONS[3])
def test_refunding_everything_leaves_nothing(
    warehouse: Warehouse, seeds: list[int], question: Question
) -> None:
    """Neither sales nor points that an order gave; what was given for nothing paid stays."""
    bodies = nothing_taken_back(chain.from_iterable(merchants(seeds, question)))
    warehouse.refill(bodies)
    warehouse.build(question, *MODELS)
    refunds = everything_refunded(warehouse.rows("marts.orders"), bodies)
    write_batches(warehouse.lake, refunds)
    warehouse.build(question, *MODELS)
    orders = {row["order_id"]: row for row in warehouse.rows("marts.orders")}
    assert {row["net_minor"] for row in orders.values()} <= {0}
    for table in ("marts.customer_profiles", "marts.people"):
        for row in warehouse.rows(table):
            assert row["stripe_total_sales_minor"] in {0, None}  # None for want of a rate
            assert row["stripe_sales_by_currency"] == {}
    kept: Counter[str] = Counter()
    for row in warehouse.rows("marts.loyalty_ledger"):
        order = orders.get(row["source_id"])
        if row["movement"] == "earn" and (order is None or not order["collected_minor"]):
            kept[row["stripe_customer_id"]] += row["points"]
    balances = warehouse.rows("marts.loyalty_balances")
    assert {row["stripe_customer_id"]: row["balance"] for row in balances if row["balance"]} == kept


# What an invoice more changes: how many there are, what describes one, and points, which are
# rounded down order by order.
OF_WHOLE_ORDERS = {
    *("stripe_total_orders", "stripe_order_cadence_days", "stripe_loyalty_points"),
    *("stripe_average_order_value", "stripe_average_order_value_minor"),
    *("stripe_order_last_value", "stripe_order_last_value_minor"),
}


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions)
@example(seeds=lake(10), question=QUESTIONS[0])
def test_splitting_orders_in_two_changes_no_total(
    warehouse: Warehouse, seeds: list[int], question: Question
) -> None:
    """Two invoices of the same day for the same items are worth what the one was."""
    bodies = list(chain.from_iterable(merchants(seeds, question)))
    tables = ("marts.customer_profiles", "marts.people")
    warehouse.refill(bodies)
    warehouse.build(question, *MODELS)
    orders = len(warehouse.rows("marts.orders"))
    before = {table: columns_but(warehouse.rows(table), OF_WHOLE_ORDERS) for table in tables}
    warehouse.refill(halved(bodies))
    warehouse.build(question, *MODELS)
    after = {table: columns_but(warehouse.rows(table), OF_WHOLE_ORDERS) for table in tables}
    agree(snapshot_differences(before, after))
    assert len(warehouse.rows("marts.orders")) > orders or not seeds


def _paid_by_one_payment(random: Random, number: int) -> list[Body]:
    """Up to three invoices of one customer, or none for a one-off payment, paid by one charge."""
    owner, intent, charge = f"cus_{number}", f"pi_{number}", f"ch_{number}"
    totals = [random.choice((1, 99, 1050, 12_345)) for _ in range(random.randrange(4))]
    invoices = [
        shapes.invoice(f"in_{number}_{part}", owner, total) for part, total in enumerate(totals)
    ]
    links = [
        shapes.invoice_payment(f"inpay_{body['id']}", body["id"], intent, body["total"])
        for body in invoices
    ]
    amount = sum(totals) or random.choice((1, 777))
    paid = shapes.charge(charge, owner, amount, payment_intent=intent)
    return [shapes.customer(owner), *invoices, *links, paid]


@pytest.mark.slow
@whole_lakes
@given(seed=st.integers(0, 2**32 - 1), parts=st.integers(1, 4))
@example(seed=2, parts=3)
def test_refunding_in_parts_leaves_no_sales(warehouse: Warehouse, seed: int, parts: int) -> None:
    """On single orders, the rounding of each part's shares may remain; never on the sum."""
    random = Random(seed)
    paid = [_paid_by_one_payment(random, number) for number in range(MERCHANTS)]
    bodies = list(chain.from_iterable(paid))
    refunds = [_refunds(body, parts) for body in bodies if body["object"] == "charge"]
    warehouse.refill([*bodies, *chain.from_iterable(refunds)])
    warehouse.build(Question(QUESTIONS[0].as_of), *MODELS)
    profiles = warehouse.rows("marts.customer_profiles")
    assert {row["stripe_total_sales"] for row in profiles} == {0}
    if parts == 1:
        assert {row["net"] for row in warehouse.rows("marts.orders")} == {0}
        balances = {row["balance"] for row in warehouse.rows("marts.loyalty_balances")}
        assert balances == {WELCOME_POINTS}


def _refunds(charge: Body, parts: int) -> list[Body]:
    """The whole charge in several parts, the first of which takes the remainder."""
    share = charge["amount"] // parts
    amounts = [charge["amount"] - share * (parts - 1)] + [share] * (parts - 1)
    return [
        shapes.refund(f"re_{charge['id']}_{part}", charge["id"], amount)
        for part, amount in enumerate(amounts)
        if amount
    ]
