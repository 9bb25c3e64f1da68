"""Whatever a merchant's account holds, the marts say what the calculation says."""

from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.variants import variants

from ..oracle.agreement import KEYS, disagreements, rows_of
from ..oracle.calculation import calculate
from ..oracle.compare import agree
from ..oracle.merchant import RESOURCE_OF, objects_of
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse
from .extent import whole_lakes
from .strategies import MODELS, QUESTIONS, lake, merchants, questions, seeds


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions)
@example(seeds=lake(0), question=QUESTIONS[0])
@example(seeds=lake(1), question=QUESTIONS[1])
def test_marts_agree_with_the_calculation(
    warehouse: Warehouse, seeds: list[int], question: Question
) -> None:
    _agree(warehouse, seeds, question)


# Of a currency with three digits on the next day of another zone, with people that a file joins;
# slow: of nothing, of a currency without a minor unit, at the ends of a day, a leap year and a
# zone, and of invoices alone.
@variants("number", [3, 2, 4, None])
def test_marts_agree_with_the_calculation_at_the_edges(
    warehouse: Warehouse, number: int | None
) -> None:
    _agree(warehouse, lake(number) if number else [], QUESTIONS[number or 0])


def _agree(warehouse: Warehouse, seeds: list[int], question: Question) -> None:
    warehouse.refill(chain.from_iterable(merchants(seeds, question)))
    warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))


# In the lakes that the quick and the slow comparison begin with.
@pytest.mark.parametrize("number", [0, 3])
def test_every_mart_has_rows_to_compare(number: int) -> None:
    """A mart without rows would let a column pass that no one calculates."""
    bodies = chain.from_iterable(merchants(lake(number), QUESTIONS[number]))
    marts = rows_of(calculate(objects_of(*bodies), QUESTIONS[number]), QUESTIONS[number])
    assert all(marts.values())
    assert marts.keys() == KEYS.keys()


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


@pytest.mark.slow
@whole_lakes
@given(seeds=seeds, question=questions, lacking=lacking)
@example(seeds=lake(6), question=QUESTIONS[1], lacking=frozenset(("charges", "refunds", "prices")))
def test_what_may_not_be_read_is_null_and_the_tokens_are_exact(
    warehouse: Warehouse, seeds: list[int], question: Question, lacking: frozenset[str]
) -> None:
    _agree_without(lacking, warehouse, seeds, question)


def test_what_daily_storys_key_may_not_read_is_null(warehouse: Warehouse) -> None:
    _agree_without(DAILYSTORYS_FIVE_LACK, warehouse, lake(5), QUESTIONS[0])


def _agree_without(
    lacking: frozenset[str], warehouse: Warehouse, seeds: list[int], question: Question
) -> None:
    bodies = chain.from_iterable(merchants(seeds, question))
    known = [body for body in bodies if RESOURCE_OF[body["object"]] not in lacking]
    warehouse.refill(known, lacking)
    warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))
