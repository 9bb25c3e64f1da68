"""After the first sync, what changed is read and nothing else."""

import time

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.updates import changes
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account, error, nested
from tests.fake_stripe.shop import add_customer, add_invoice, line, stock
from tests.ingestion.lakes import assert_mirrors, counts, current, live, versions
from tests.ingestion.passing import COMPANIONS, DAY, forbid, later


def test_a_quiet_hour_costs_few_requests_and_leaves_no_trace(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    before = {table: len(lake.batches(table)) for table in counts(lake)}
    report = sync(settings)
    assert report.requests == 1 + COMPANIONS
    assert report["customers"].how == "changes"
    assert {table: len(lake.batches(table)) for table in counts(lake)} == before


def test_a_changed_object_is_read_again_once(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    customer = add_customer(synced, 3)
    customer["name"] = "Renamed"
    for _ in range(3):
        # The event's copy is of another version; nothing of it may end up in the lake.
        synced.event("customer.updated", {"id": "cus_0003", "object": "customer", "name": "Old"})
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert (report["customers"].changed, report["customers"].added) == (1, 0)
    assert len(synced.asked("/v1/customers/cus_0003")) == 1
    assert sync(settings).rows == 0
    assert len(synced.asked("/v1/customers/cus_0003")) == 1


def test_what_is_deleted_leaves_a_tombstone(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.event("customer.deleted", synced.delete("customers", "cus_0003", stub=True))
    synced.event("invoice.deleted", synced.delete("invoices", "in_0004"))
    synced.event("coupon.deleted", synced.delete("coupons", "SPRING SALE/50%"))
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert report["customers"].deleted == report["coupons"].deleted == 1
    assert current(lake, "invoices")["in_0004"] == {
        "id": "in_0004",
        "object": "invoice",
        "deleted": True,
    }
    assert versions(lake, "coupons")[0]["percent_off"] == 50


def test_a_deleted_subscription_is_a_canceled_one(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    subscription = synced.objects["subscriptions"]["sub_1"]
    subscription["status"] = "canceled"
    synced.event("customer.subscription.deleted", subscription)
    sync(settings)
    assert live(lake, "subscriptions")["sub_1"]["status"] == "canceled"


def test_a_coupon_made_again_after_its_deletion_is_live(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    old = synced.delete("coupons", "SPRING SALE/50%")
    synced.event("coupon.deleted", old)
    new = synced.add("coupons", "SPRING SALE/50%", int(time.time()), percent_off=60)
    synced.event("coupon.created", new)
    sync(settings)
    assert live(lake, "coupons")["SPRING SALE/50%"]["percent_off"] == 60


def test_parents_are_read_again_with_all_their_lines(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    add_invoice(synced, 5, lines=230)
    synced.event(
        "invoiceitem.created", {"id": "ii_1", "object": "invoiceitem", "invoice": "in_0005"}
    )
    subscription = synced.objects["subscriptions"]["sub_1"]
    subscription["discounts"] = [{"id": "di_1", "object": "discount"}]
    discount = {"id": "di_1", "object": "discount", "subscription": "sub_1", "customer": "cus_0001"}
    synced.event("customer.discount.created", discount)
    sync(settings)
    assert_mirrors(lake, synced)
    assert synced.asked("/v1/customers/cus_0001")


def test_an_event_without_an_id_is_passed_over(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.event("invoice.upcoming", {"object": "invoice", "customer": "cus_0001"})
    synced.event("payout.paid", {"id": "po_1", "object": "payout"})
    synced.event("balance.available", {"object": "balance"})
    report = sync(settings)
    assert report["invoices"].read == 0
    assert report["events"].added == 3


@pytest.mark.parametrize("name", ["refunds", "checkout_sessions", "invoice_payments", "charges"])
def test_new_objects_without_an_event_are_found(
    synced: Account, settings: Settings, lake: Lake, name: str
) -> None:
    lists = {"line_items": nested([line("li_x")])} if name == "checkout_sessions" else {}
    synced.add(name, "new_1", int(time.time()), status="open", **lists)
    assert sync(settings)[name].added == 1
    assert_mirrors(lake, synced)


def test_many_new_objects_are_listed_and_not_asked_for_one_by_one(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    for number in range(100, 150):
        synced.event("customer.created", add_customer(synced, number, int(time.time())))
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert report["customers"].requests == 1


def test_so_many_changes_that_reading_all_is_cheaper(
    synced: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ALWAYS_ONE_BY_ONE", 5)
    for number in range(20):
        customer = add_customer(synced, number)
        customer["name"] = "Moved"
        synced.event("customer.updated", customer)
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert report["customers"].requests == 1
    assert report["customers"].how == "full"
    assert "fewer requests" in report.announcements[0]


def test_events_that_are_listed_late_are_not_lost(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    now = int(time.time())
    synced.event("customer.created", add_customer(synced, 40, now), now)
    sync(settings)
    for number, age in ((3, 1), (4, 30), (5, 500)):
        customer = add_customer(synced, number)
        customer["name"] = "Late"
        synced.event("customer.updated", customer, now - age)
    sync(settings)
    assert_mirrors(lake, synced)


def test_a_clock_that_is_ahead_or_behind_hides_nothing(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    for seconds in (DAY, -DAY, 2 * DAY, 0):
        customer = add_customer(synced, 3)
        customer["name"] = f"at {seconds}"
        synced.event("customer.updated", customer)
        with later(seconds):
            sync(settings)
        assert_mirrors(lake, synced)


def test_a_test_clocks_future_hides_nothing(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    future = int(time.time()) + 90 * DAY
    synced.event("invoice.created", add_invoice(synced, 90, created=future), future)
    synced.add("charges", "ch_future", future, customer="cus_0001")
    sync(settings)
    synced.add("charges", "ch_now", int(time.time()), customer="cus_0001")
    synced.event("customer.updated", add_customer(synced, 3) | {})
    synced.objects["customers"]["cus_0003"]["name"] = "Now"
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert report["invoices"].read == 0


def test_an_interrupted_sync_does_the_changes_again(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    customer = add_customer(synced, 3)
    customer["name"] = "Renamed"
    synced.event("customer.updated", customer)
    synced.fault = lambda request: (
        error(401, "Invalid API Key") if "cus_0003" in request.path else None
    )
    with pytest.raises(Exception, match="Stripe refused the key"):
        sync(settings)
    synced.fault = lambda request: None
    sync(settings)
    assert_mirrors(lake, synced)


def test_a_subset_leaves_the_events_of_the_rest_for_later(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    customer = add_customer(synced, 3)
    customer["name"] = "Renamed"
    synced.event("customer.updated", customer)
    sync(settings, resources=["products", "events"])
    sync(settings)
    assert_mirrors(lake, synced)


def test_after_a_long_silence_everything_is_read_again(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    add_invoice(synced, 3, amount_paid=7)
    synced.delete("products", "prod_1")
    with later(31 * DAY):
        report = sync(settings)
        assert_mirrors(lake, synced)
        assert "longer ago than Stripe keeps events" in report.announcements[0]
        assert sync(settings).announcements == []


def test_catalogues_are_compared_once_a_day(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.delete("promotion_codes", "promo_1")
    synced.objects["invoice_payments"]["inpay_1"]["status"] = "canceled"
    sync(settings)
    assert "promo_1" in live(lake, "promotion_codes")
    with later(DAY):
        sync(settings)
        assert_mirrors(lake, synced)
        synced.requests.clear()
        assert sync(settings).requests == 1 + COMPANIONS


def test_open_ends_are_looked_at_once_a_week(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.add("disputes", "dp_2", int(time.time()), status="needs_response")
    sync(settings)
    synced.objects["subscriptions"]["sub_1"]["status"] = "past_due"
    synced.objects["disputes"]["dp_2"]["status"] = "lost"
    with later(7 * DAY):
        sync(settings)
    assert_mirrors(lake, synced)


def test_a_resource_that_becomes_readable_is_read(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 30)
    account.fault = forbid("/v1/charges")
    report = sync(settings)
    assert not report["charges"].is_readable
    assert report["charges"].missing_permission == "charge_read"
    assert versions(lake, "charges") == []
    assert "Charges and Refunds" in report.warnings[0]
    account.fault = lambda request: None
    report = sync(settings)
    assert report.announcements == [
        "Read whole instead of only what changed, because the key may read them now: Charges."
    ]
    assert_mirrors(lake, account)
    [access, *rest] = lake.read("resource_access")
    assert access.num_rows == 14
    assert [table.to_pylist()[0]["is_readable"] for table in rest] == [True]


def test_a_permission_taken_away_and_given_back(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.fault = forbid("/v1/refunds")
    synced.add("refunds", "re_2", int(time.time()), charge="ch_1")
    assert not sync(settings)["refunds"].is_readable
    synced.fault = lambda request: None
    sync(settings)
    assert_mirrors(lake, synced)
