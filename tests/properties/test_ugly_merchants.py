"""Whatever a merchant's account holds, the marts say what the calculation says."""

from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from ..oracle.merchant import RESOURCE_OF
from ..oracle.warehouse import Warehouse
from .strategies import MERCHANTS, MODELS, QUESTIONS, merchants, questions, seeds


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return Warehouse(tmp_path_factory.mktemp("ugly"))


@given(seeds=seeds, question=questions)
def test_marts_agree_with_the_calculation(warehouse, seeds, question):
    warehouse.refill(chain.from_iterable(merchants(seeds, question)))
    warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))


# Customers, coupons, orders (which Stripe no longer has), invoices and subscriptions are read.
DAILYSTORYS_FIVE_LACK = frozenset(
    (
        *("charges", "refunds", "credit_notes", "disputes", "checkout_sessions", "events"),
        *("products", "prices", "promotion_codes"),
    )
)


# What a key may lack one by one; refunds go with charges.
OPTIONAL = (
    *(("charges", "refunds"), ("credit_notes",), ("disputes",), ("checkout_sessions",)),
    *(("products",), ("prices",), ("coupons",)),
)
lacking = st.one_of(
    st.just(DAILYSTORYS_FIVE_LACK),
    st.sets(st.sampled_from(OPTIONAL), min_size=1).map(lambda sets: frozenset(chain(*sets))),
)


@given(seeds=seeds, question=questions, lacking=lacking)
@example(seeds=[*range(7, 7 + MERCHANTS)], question=QUESTIONS[0], lacking=DAILYSTORYS_FIVE_LACK)
def test_what_may_not_be_read_is_null_and_the_tokens_are_exact(warehouse, seeds, question, lacking):
    bodies = chain.from_iterable(merchants(seeds, question))
    known = [body for body in bodies if RESOURCE_OF[body["object"]] not in lacking]
    warehouse.refill(known, lacking)
    warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))
