"""Whatever values the reader accepts, every model is built, and what can't be known is null."""

from itertools import chain

import msgspec
import pytest

from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.lists.pages import Item, read_one

from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from ..oracle.merchant import RESOURCE_OF
from ..oracle.objects import Body
from ..oracle.warehouse import Warehouse
from .absurd import absurd
from .strategies import MODELS, QUESTIONS, lake, merchants

MONEY = {"orders", "order_adjustments", "order_coupons", "subscriptions"}


def assert_usable(body: Body) -> None:
    found = read_one(msgspec.json.encode(body), BY_NAME[RESOURCE_OF[body["object"]]], False)
    assert isinstance(found, Item), (body["id"], found.reason)


def test_the_reader_accepts_them() -> None:
    """What it quarantines would never get to a model."""
    for body in absurd():
        assert_usable(body)


@pytest.mark.slow
def test_every_model_is_built_and_agrees(warehouse: Warehouse) -> None:
    warehouse.refill(absurd())
    warehouse.build(QUESTIONS[0], *MODELS)
    # The calculation knows no points of before the rules began, in 1970.
    lines = disagreements(warehouse, QUESTIONS[0])
    agree([line for line in lines if line.partition(" ")[0] in MONEY])


@pytest.mark.parametrize("seeds", [lake(0), lake(7)], ids=["one lake", "another"])
def test_of_an_ugly_merchant_nothing_is_quarantined(seeds: list[int]) -> None:
    """Its objects are odd and of all ages, and Stripe's all the same."""
    for body in chain.from_iterable(merchants(seeds, QUESTIONS[1])):
        if not body.get("deleted"):
            assert_usable(body)
