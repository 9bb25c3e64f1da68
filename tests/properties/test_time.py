"""Time goes on and nothing happens: only what depends on the clock changes."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle.agreement import KEYS
from ..oracle.bodies import created_of
from ..oracle.compare import Row, agree, columns_but, snapshot_differences
from ..oracle.objects import Body
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse
from .extent import whole_lakes
from .strategies import MODELS, QUESTIONS, lake, merchants, questions, seeds

# The generator dates facts until a second after the as-of instant, but for renewals: those that are
# later are left out. What lies further ahead are due dates, the ends of trials, periods, scheduled
# cancels, discounts and links to a Checkout.
AFTER_THE_LAST_FACT = timedelta(seconds=3)

MONTHLY = {"mrr", "mrr_minor"}  # discounts begin and end, and a newer rate holds
OF_ORDERS = {"stripe_days_since_last_order"}  # counts to the as-of day
UNPAID_INVOICE = {  # the oldest of those whose due date is past
    f"stripe_unpaid_invoice_{name}" for name in ("url", "amount", "amount_minor", "currency")
}
OF_PEOPLE = OF_ORDERS | {f"stripe_{name}" for name in MONTHLY}
TIME_DEPENDENT: dict[str, set[str]] = {
    "subscriptions": MONTHLY,
    "subscription_items": {"monthly_amount", "monthly_amount_minor"},  # discounts, likewise
    "people": OF_PEOPLE,
    "customer_profiles": OF_PEOPLE
    | {
        *("stripe_next_renewal_at", "stripe_trial_ends_at", "stripe_cancels_at"),  # the next ones
        "stripe_abandoned_checkout_url",  # it can be opened for some time only
        "stripe_failed_payments",  # of the last 30 days
        *UNPAID_INVOICE,
    },
}
# Membership is a matter of windows, and who has no history of moves enters at the as-of instant.
# A missing rate of monthly amounts is one of the as-of day; those of facts are in sales_facts, and
# in undecided_members, as no segment names a monthly amount.
OF_THE_MOMENT = {
    "segment_members", "segment_history", "missing_exchange_rates", "unrated_fields",
    "stale_exchange_rates",
    # What was seen of a subscription after the as-of instant is of that instant.
    "mrr_movements", "fact_ties",
}  # fmt: skip
STILL = KEYS.keys() - OF_THE_MOMENT


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions, days=st.integers(1, 800))
@example(seeds=lake(11), question=QUESTIONS[1], days=200)
def test_time_alone_changes_only_what_depends_on_it(
    warehouse: Warehouse, seeds: list[int], question: Question, days: int
) -> None:
    now = replace(question, as_of=question.as_of + AFTER_THE_LAST_FACT)
    bodies = chain.from_iterable(merchants(seeds, question))
    warehouse.refill(body for body in bodies if not _is_later_invoice(body, now))
    before = _without_what_depends_on_time(warehouse, now)
    later = replace(now, as_of=now.as_of + timedelta(days=days))
    agree(snapshot_differences(before, _without_what_depends_on_time(warehouse, later)))


def _is_later_invoice(body: Body, now: Question) -> bool:
    is_known = body["object"] == "invoice" and not body.get("deleted")
    return is_known and created_of(body) > now.as_of.timestamp()


def _without_what_depends_on_time(
    warehouse: Warehouse, question: Question
) -> dict[str, Counter[str]]:
    warehouse.build(question, *MODELS)
    return {
        table: columns_but(_still_rows(warehouse, table), TIME_DEPENDENT.get(table, set()))
        for table in sorted(STILL)
    }


def _still_rows(warehouse: Warehouse, table: str) -> list[Row]:
    """Return a mart's rows, without what explains a field that depends on the clock."""
    fields = TIME_DEPENDENT["customer_profiles"]
    rows = warehouse.rows(f"marts.{table}")
    return [row for row in rows if table != "profile_origins" or row["field"] not in fields]
