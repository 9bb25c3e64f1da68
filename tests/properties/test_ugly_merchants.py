"""Whatever a merchant's account holds, the marts say what the calculation says."""

from itertools import chain

import pytest
from hypothesis import given

from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from ..oracle.merchant import RESOURCE_OF
from ..oracle.warehouse import Warehouse
from .strategies import MODELS, merchants, questions, seeds


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


@given(seeds=seeds, question=questions)
def test_tokens_are_exact_with_dailystorys_five_permissions(warehouse, seeds, question):
    bodies = chain.from_iterable(merchants(seeds, question))
    known = [body for body in bodies if RESOURCE_OF[body["object"]] not in DAILYSTORYS_FIVE_LACK]
    warehouse.refill(known, DAILYSTORYS_FIVE_LACK)
    warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))
