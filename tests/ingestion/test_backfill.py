"""A first sync holds all that the account has; a repeated one changes nothing."""

from collections.abc import Callable

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.mirror import writer
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import API_VERSION, RESOURCES
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import SPRING, add_customer, add_invoice, stock
from tests.ingestion.lakes import assert_mirrors, counts, current, live, versions


def test_everything_is_read_whole(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account)
    report = sync(settings)
    assert_mirrors(lake, account)
    assert report.warnings == []
    assert report["customers"].added == report["invoices"].added == 250
    assert [each.name for each in report.resources] == [each.name for each in RESOURCES]


def test_nothing_is_read_twice_into_the_lake(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account)
    sync(settings)
    before = counts(lake)
    again, whole = sync(settings), sync(settings, full=True)
    assert counts(lake) == before
    assert again.rows == whole.rows == 0
    assert_mirrors(lake, account)


def test_a_small_account_costs_one_request_a_resource(account: Account, settings: Settings) -> None:
    add_customer(account, 1)
    report = sync(settings)
    # One more asks where the events are now.
    assert report.requests == len(RESOURCES) + 1


def test_an_empty_account_has_every_table(settings: Settings, lake: Lake) -> None:
    sync(settings)
    assert all(lake.batches(each.name) for each in RESOURCES)
    assert lake.batches("resource_access")


def test_every_request_says_who_asks_and_at_which_version(
    account: Account, settings: Settings
) -> None:
    sync(settings)
    for request in account.requests:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["stripe-version"] == API_VERSION
        assert request.headers["user-agent"].startswith("stripe-pipeline/")
        assert "x-stripe-client-telemetry" not in request.headers


def test_dense_times_are_split_and_lose_nothing(
    account: Account, settings: Settings, lake: Lake
) -> None:
    for number in range(1500):  # more than a page in one second, then a long silence
        add_customer(account, number, SPRING + (0 if number < 350 else number * 60))
    add_customer(account, 1500, SPRING - 300_000_000)
    report = sync(settings, resources=["customers"])
    assert live(lake, "customers") == account.objects["customers"]
    assert len(versions(lake, "customers")) == 1501
    assert report["customers"].requests < 40
    assert len({request.get("created[gt]") for request in account.requests}) > 3


def test_an_expanded_customer_gives_the_id(
    account: Account, settings: Settings, lake: Lake
) -> None:
    add_customer(account, 1)
    add_invoice(account, 1, customer={"id": "cus_0001", "object": "customer"})
    sync(settings)
    [table] = lake.read("invoices", ["customer_id"])
    assert table["customer_id"].to_pylist() == ["cus_0001"]


def test_customers_whom_no_list_shows_are_asked_for(
    account: Account, settings: Settings, lake: Lake
) -> None:
    for number in (1, 2, 3):
        add_customer(account, number)
        add_invoice(account, number)
    account.delete("customers", "cus_0001", stub=True)
    account.hidden.add("cus_0002")  # on a test clock
    account.delete("customers", "cus_0003")
    sync(settings)
    found = current(lake, "customers")
    assert found["cus_0001"] == {"id": "cus_0001", "object": "customer", "deleted": True}
    assert found["cus_0002"]["name"] == "Nr 2"
    assert found["cus_0003"] == {"id": "cus_0003", "object": "customer", "deleted": True}
    before = len(account.requests)
    sync(settings)
    assert [request.path for request in account.requests[before:] if "cus_" in request.path] == []


def test_a_full_sync_finds_what_went_and_what_changed_unannounced(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account)
    sync(settings)
    account.hidden.add("in_0007")
    account.delete("customers", "cus_0005", stub=True)
    account.delete("products", "prod_1")
    add_invoice(account, 8, amount_paid=5)
    report = sync(settings, full=True)
    assert_mirrors(lake, account)
    assert (report["customers"].deleted, report["products"].deleted) == (1, 1)
    assert (report["invoices"].changed, report["invoices"].deleted) == (1, 0)
    assert sync(settings, full=True).rows == 0


def test_a_subset_is_read_alone(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account)
    report = sync(settings, resources=["products"])
    assert [each.name for each in report.resources] == ["products"]
    assert lake.batches("invoices") == []
    sync(settings)
    assert_mirrors(lake, account)


def test_an_interrupted_backfill_goes_on_where_it_was(
    account: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(account, 3000)
    monkeypatch.setattr(writer, "LARGEST_BATCH_BYTES", 20_000)
    account.fault = _revoked_after(30)
    with pytest.raises(PipelineError, match="Stripe refused the key"):
        sync(settings)
    kept = len(versions(lake, "customers"))
    assert 0 < kept < 3000
    account.fault = lambda request: None
    account.requests.clear()
    sync(settings)
    assert_mirrors(lake, account)
    rows = sum(request.path == "/v1/customers" for request in account.requests) * 100
    assert rows < (3000 - kept) * 1.6 + 1500


def test_what_changes_while_it_is_interrupted_is_read(
    account: Account,
    settings: Settings,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock(account, 1000)
    monkeypatch.setattr(writer, "LARGEST_BATCH_BYTES", 5_000)
    account.fault = _revoked_after(15)
    with pytest.raises(PipelineError):
        sync(settings)
    account.fault = lambda request: None
    for number in range(0, 1000, 10):
        account.event("customer.updated", add_customer(account, number) | {"name": "x"})
        account.objects["customers"][f"cus_{number:04d}"]["name"] = "x"
    account.event("customer.deleted", account.delete("customers", "cus_0001"))
    sync(settings)
    assert_mirrors(lake, account)


def test_a_vanished_cursor_costs_nothing(account: Account, settings: Settings, lake: Lake) -> None:
    for number in range(450):
        add_customer(account, number, SPRING + number // 150)
    gone: list[str] = []

    def vanish(request: Request) -> Answer | None:
        after = request.get("starting_after")
        if after and len(gone) < 2:
            gone.append(after)
            account.delete("customers", after)
        return None

    account.fault = vanish
    sync(settings)
    assert len(gone) == 2
    assert set(account.objects["customers"]) <= set(current(lake, "customers"))


def test_a_refused_expansion_is_left_out_with_a_warning(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account)

    def refuse(request: Request) -> Answer | None:
        if request.get("expand[]") and request.path == "/v1/prices":
            return error(403, "Permission denied. Enabling Plans Read", code="x")
        return None

    account.fault = refuse
    report = sync(settings)
    assert_mirrors(lake, account)
    assert report["prices"].is_readable
    assert len(report.warnings) == 1
    assert "tiers" in report.warnings[0]


def test_a_customer_account_is_pointed_out(account: Account, settings: Settings) -> None:
    add_invoice(account, 1, customer=None, customer_account="acct_1Abc")
    add_invoice(account, 2, customer=None, customer_account="acct_1Abc")
    [warning] = sync(settings).warnings
    assert "in_0002" in warning and "Accounts v2" in warning and "acct_1Abc" not in warning


def _revoked_after(requests: int) -> Callable[[Request], Answer | None]:
    left = iter(range(requests))
    return lambda request: None if next(left, None) is not None else error(401, "Invalid API Key")
