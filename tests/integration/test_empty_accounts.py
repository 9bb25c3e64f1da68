"""Accounts with little or nothing in them: published, summed up and answered in plain sentences."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.profiles.explain import print_explanation
from stripe_pipeline.profiles.text import print_profile
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.terminal.summary_tables import print_summary
from stripe_pipeline.warehouse.publish import publish

from ..oracle import shapes, shapes_catalogue
from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
MODELS = ("--exclude-resource-type", "unit_test", "--exclude", "tag:grain")
GUEST = {"address": None, "email": "guest@shop.example", "name": "Ada", "phone": None}
ONLY_GUESTS = [shapes.charge("ch_guest", None, 4200, billing_details=GUEST)]
ONLY_CUSTOMERS = [shapes.customer("cus_1")]
ONLY_PRODUCTS = [shapes_catalogue.product("prod_1", "Coffee"), shapes_catalogue.price("price_1")]
ONLY_SUBSCRIPTIONS = [shapes_catalogue.subscription("sub_1", "cus_unseen")]
DELETED = [{"id": "cus_1", "object": "customer", "deleted": True}]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    yield Warehouse(tmp_path_factory.mktemp("home"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        ([], ["0 customers, 0 orders", "no customers and no orders yet", "0 running subscriptions",
              "Sales by currency: none yet", "Points: none yet"]),
        (ONLY_GUESTS, ["0 customers, 1 order\n", "guests without a customer: 1", "42.00"]),
        (ONLY_CUSTOMERS, ["1 customer, 0 orders\n", "0.00 usd a month from 0 running"]),
        (ONLY_PRODUCTS, ["0 customers, 0 orders"]),
        (ONLY_SUBSCRIPTIONS, ["0 customers, 0 orders"]),
        (DELETED, ["0 customers, 0 orders"]),
    ],
    ids=["nothing", "guests", "customers", "products", "subscriptions", "deleted"],
)  # fmt: skip
def test_an_account_with_hardly_anything(
    warehouse: Warehouse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bodies: list[dict[str, Any]],
    said: list[str],
) -> None:
    warehouse.refill(bodies)
    warehouse.build(Question(AS_OF), *MODELS)
    agree(disagreements(warehouse, Question(AS_OF)))
    # Each account follows another in the same home, which would be a table that lost its rows.
    settings = load_settings(STRIPE_PIPELINE_HOME=warehouse.home, STRIPE_PIPELINE_ACCEPT_EMPTY="on")
    publish(settings)
    print_summary(settings)
    out = capsys.readouterr().out
    assert [each for each in said if each not in out] == []
    assert "None" not in out
    _ask(settings)


def _ask(settings: Settings) -> None:
    """Questions about someone whom no one knows end with a sentence."""
    questions: list[Callable[[], None]] = [
        lambda: print_profile(settings, "cus_nobody", as_json=False),
        lambda: print_explanation(settings, "vip", "cus_nobody", as_json=False),
        lambda: print_profile(settings, "ada@shop.example", as_json=False),
    ]
    for ask in questions:
        with pytest.raises(PipelineError) as caught:
            ask()
        assert "None" not in str(caught.value)
        assert str(caught.value).endswith(".")
