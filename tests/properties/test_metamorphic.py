"""What must follow from a change of the input, whatever the definitions say in detail."""

from itertools import chain
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle import shapes
from ..oracle.compare import agree, snapshot_differences
from ..oracle.loyalty import WELCOME_POINTS
from ..oracle.merchant import write_batches
from ..oracle.objects import Body
from ..oracle.profiles import grouped
from ..oracle.question import Question
from .extent import whole_lakes
from .strategies import MERCHANTS, MODELS, QUESTIONS, lake, merchants, questions, seeds

MARTS = ("marts",)


@whole_lakes
@given(seeds=seeds, question=questions, order=st.integers(0, 2**32 - 1))
@example(seeds=lake(8), question=QUESTIONS[1], order=1)
def test_the_order_of_arrival_changes_nothing(warehouse, seeds, question, order):
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


@whole_lakes
@given(seed=st.integers(0, 2**32 - 1), parts=st.integers(1, 4))
@example(seed=1, parts=1)
@example(seed=2, parts=3)
def test_refunding_everything_leaves_nothing(warehouse, seed, parts):
    """Neither sales nor points; in parts, the rounding of each invoice's shares may remain."""
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
