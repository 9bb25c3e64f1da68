"""Customers whom no list shows are fetched because other objects name them, each once."""

from collections.abc import Sequence

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.updates import customers
from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account, Answer, Request
from tests.fake_stripe.shop import add_invoice, stock
from tests.ingestion.lakes import current


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """The batches in which a sync looks for names of customers."""
    found: list[Batch] = []
    original = customers.unknown_customers

    def spy(lake: Lake, batches: Sequence[Batch]) -> list[str]:
        found[:] = batches
        return original(lake, batches)

    monkeypatch.setattr(customers, "unknown_customers", spy)
    return found


def sell(account: Account, number: int) -> None:
    """A new invoice for a person who is in no list."""
    bill = add_invoice(account, number, customer=f"cus_gone_{number}")
    account.event("invoice.created", bill)
    account.stubs[f"cus_gone_{number}"] = {
        "id": f"cus_gone_{number}",
        "object": "customer",
        "deleted": True,
    }


def test_only_what_is_new_is_looked_at(
    account: Account, settings: Settings, lake: Lake, looked_at: list[Batch]
) -> None:
    stock(account, 20)
    sync(settings)
    assert {batch.table for batch in looked_at} >= {"invoices", "charges", "subscriptions"}
    sync(settings)
    assert looked_at == []
    sell(account, 101)
    sync(settings)
    # After it comes what is left of the invoice, as its customer turned out to be deleted.
    assert looked_at == [lake.batches("invoices")[-2]]
    sync(settings)
    assert looked_at == [lake.batches("invoices")[-1]]
    assert current(lake, "customers")["cus_gone_101"]["deleted"] is True


def test_who_could_not_be_fetched_is_asked_for_again(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 20)
    sync(settings)
    sell(account, 101)
    account.fault = _refuse_customers
    with pytest.raises(PipelineError):
        sync(settings)
    account.fault = lambda request: None
    assert "cus_gone_101" not in current(lake, "customers")
    sync(settings)
    assert "cus_gone_101" in current(lake, "customers")


def _refuse_customers(request: Request) -> Answer | None:
    return Answer(500, {}) if request.path.startswith("/v1/customers/") else None


def test_customers_that_were_lost_are_looked_for_everywhere(
    account: Account, settings: Settings, lake: Lake, looked_at: list[Batch]
) -> None:
    stock(account, 20)
    sell(account, 101)
    sync(settings)
    for batch in lake.batches("customers"):
        batch.path.write_bytes(b"")
    sync(settings)
    assert "cus_gone_101" in current(lake, "customers")
    assert {batch.table for batch in looked_at} >= {"invoices", "charges", "subscriptions"}
