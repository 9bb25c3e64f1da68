"""Her words are gone from everything but the warehouse, and nothing brings them back."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.forget import forget
from stripe_pipeline.ingestion.reconciliation.reconcile import reconcile
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake, erase
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.normalizing.gathering import RESOURCES as RESOURCES_WITH_CONTACTS
from stripe_pipeline.privacy import erasing, ledgers
from stripe_pipeline.privacy.kept_fields import SHAPES, cleaned
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account, nested
from tests.fake_stripe.shop import SPRING
from tests.forget.conftest import HER, fill_home
from tests.forget.every_byte import traces
from tests.forget.planting import PHONE, SAME_EMAIL, TRACES, hers
from tests.ingestion.lakes import Bodies, current, versions
from tests.variants import variants

CONTACTS = {"lake/contact_names", "lake/contact_emails", "lake/contact_phones"}
PLACES = {
    "lake/customers", "lake/invoices", "lake/charges", "lake/subscriptions", "lake/refunds",
    "lake/disputes", "lake/credit_notes", "lake/checkout_sessions", "lake/promotion_codes",
    "lake/events", "lake/consent_entries", "lake/suppression_entries", "webhooks",
    *CONTACTS,
}  # fmt: skip


@pytest.fixture
def filled(settings: Settings, account: Account) -> Settings:
    """The home, of which it is sure that she is everywhere in it."""
    fill_home(settings, account)
    found = traces(settings.home, TRACES)
    assert {str(Path(place.split(" (")[0]).parent) for place in found} == PLACES
    assert any(".torn" in place for place in found)
    return settings


def test_nothing_is_left_of_a_forgotten_customer(filled: Settings) -> None:
    others = bodies_of_others(filled)
    report = forget(filled, HER)
    assert traces(filled.home, TRACES) == {}
    assert bodies_of_others(filled) == others
    assert (report.lake_files > 8, report.deliveries) == (True, 1)
    assert forget(filled, HER).lake_files == 0


def test_what_makes_orders_and_points_stays(filled: Settings, account: Account) -> None:
    forget(filled, HER)
    lake = Lake(filled.lake)
    assert current(lake, "customers")[HER] == {"id": HER, "object": "customer", "deleted": True}
    invoice = current(lake, "invoices")["in_z"]
    assert (invoice["customer"], invoice["amount_paid"], invoice["status"]) == (HER, 900, "paid")
    assert invoice["lines"]["data"] == [{"id": "il_z", "object": "line_item", "amount": 100}]
    assert current(lake, "refunds")["re_z"] == {
        "id": "re_z", "object": "refund", "created": SPRING, "livemode": False,
        "status": "succeeded", "amount": 300, "charge": "ch_z",
    }  # fmt: skip
    assert versions(lake, "customers")[0]["created"] > 0


def test_a_customer_deleted_in_stripe_is_erased_by_the_sync(
    filled: Settings, account: Account
) -> None:
    account.event("customer.deleted", account.delete("customers", HER, stub=True))
    sync(filled)
    assert traces(filled.home, TRACES) == {}
    assert load_erasures(Lake(filled.lake)).reasons == {HER: "deleted"}
    requests = len(account.requests)
    sync(filled)
    assert traces(filled.home, TRACES) == {}
    assert len(account.requests) > requests


def test_later_syncs_bring_nothing_back(filled: Settings, account: Account) -> None:
    forget(filled, HER)
    for number in range(3):
        body = account.objects["customers"][HER] | {"balance": number}
        account.objects["customers"] = {**account.objects["customers"], HER: body}
        account.event("customer.updated", body)
    late = {"status": "succeeded", "payment_intent": "pi_late", "customer": HER}
    account.event(
        "charge.succeeded", account.add("charges", "ch_late", SPRING, **hers("charges", late))
    )
    refund = hers("refunds", {"status": "succeeded", "charge": "ch_late"})
    account.event("refund.created", account.add("refunds", "re_late", SPRING, **refund))
    for full in (False, True):
        sync(filled, full=full)
        assert traces(filled.home, TRACES) == {}
    lake = Lake(filled.lake)
    assert current(lake, "customers")[HER]["deleted"] is True
    assert current(lake, "charges")["ch_late"]["customer"] == HER
    assert reconcile(filled, settling=0).drift == 0
    assert traces(filled.home, TRACES) == {}


def test_a_guest_of_an_address_that_another_person_has_stays(
    settings: Settings, account: Account
) -> None:
    account.add("customers", "cus_sister", SPRING, email=SAME_EMAIL, phone=PHONE, name="Sister")
    fill_home(settings, account)
    forget(settings, HER)
    assert current(Lake(settings.lake), "charges")["ch_guest"]["receipt_email"]
    rows = [row for part in Lake(settings.lake).read("consent_entries") for row in part.to_pylist()]
    assert SAME_EMAIL in {row["address"] for row in rows}


@pytest.mark.parametrize("silent", ["cs_z", "cs_guest"])
def test_an_opt_out_holds_without_its_address(
    settings: Settings, account: Account, silent: str
) -> None:
    """Whether she said so as a customer or as a guest."""
    account.objects["checkout_sessions"][silent]["consent"] = None
    fill_home(settings, account)
    forget(settings, HER)
    lake = Lake(settings.lake)
    erasures = load_erasures(lake)
    rows = [row for part in lake.read("consent_entries") for row in part.to_pylist()]
    said = {(row["channel"], row["address"], row["status"], row["source"]) for row in rows}
    assert said == {
        ("email", "other@shop.example", "opt_in", "form"),
        ("sms", erasures.digest("+12125550142"), "opt_out", "erased"),
        ("email", erasures.digest(SAME_EMAIL), "opt_out", "stripe checkout"),
    }


def test_no_one_of_that_id(filled: Settings) -> None:
    with pytest.raises(PipelineError, match="names a customer cus_nobody"):
        forget(filled, "cus_nobody")
    assert load_erasures(Lake(filled.lake)).reasons == {}


def test_a_sync_after_no_one_was_deleted_reads_no_body(
    filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(filled)
    monkeypatch.setattr(erasing, "_erase", lambda *_: pytest.fail("there was no one to erase"))
    sync(filled)


# In a payment of an invoice Stripe has no room for any person's words.
CLEANED = [*(SHAPES.keys() - {"invoice_payments"}), "consent_entries", "suppression_entries"]


@variants("table", sorted(CLEANED), quick=("customers", "consent_entries"))
def test_without_one_cleaner_it_shows(
    filled: Settings, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = erase.rewrite

    def lazy(lake: Lake, name: str, *change: Any) -> int:
        return 0 if name == table else original(lake, name, *change)

    for module in (erasing, ledgers):
        monkeypatch.setattr(module, "rewrite", lazy)
    forget(filled, HER)
    found = traces(filled.home, TRACES)
    places = {str(Path(place.split(" (")[0]).parent) for place in found}
    assert places - CONTACTS == {f"lake/{table}"}
    # What stays in an object stays among the contacts that are normalized from such objects.
    assert bool(places & CONTACTS) is (table in RESOURCES_WITH_CONTACTS)


@pytest.mark.parametrize(
    ("where", "name", "place"),
    [
        ("stripe_pipeline.privacy.erasing", "empty_torn", ".torn"),
        ("stripe_pipeline.privacy.erasing", "erase_ungiven", "lake/contact_"),
        ("stripe_pipeline.forget", "erase_from_spool", "webhooks"),
    ],
)
def test_without_another_cleaner_it_shows(
    filled: Settings, where: str, name: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{where}.{name}", lambda *_: 0)
    forget(filled, HER)
    found = traces(filled.home, TRACES)
    assert found
    assert all(place in each for each in found)


@pytest.mark.parametrize("resource", SHAPES)
def test_to_clean_twice_changes_nothing(resource: str) -> None:
    body = msgspec.json.encode(hers(resource, {"id": "x", "object": "y", "lines": nested([])}))
    once = cleaned(resource, body)
    assert cleaned(resource, once) == once
    assert not any(trace.lower().encode() in once.lower() for trace in TRACES)


def test_every_resource_that_may_be_a_persons_has_a_shape() -> None:
    of_the_shop = {"products", "prices", "coupons"}
    assert SHAPES.keys() | of_the_shop == {resource.name for resource in RESOURCES}


def bodies_of_others(settings: Settings) -> dict[str, Bodies]:
    """The newest versions of all that isn't hers."""
    lake = Lake(settings.lake)
    return {
        resource.name: {
            key: body
            for key, body in current(lake, resource.name).items()
            if not key.endswith(("_z", "_guest", "_zelda")) and resource.name != "events"
        }
        for resource in RESOURCES
    }


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("invoices", {"date": 1_300_000_000}),
        ("invoices", {"lines": {"data": [{"id": "il_1", "quantity_decimal": "2.5"}]}}),
        ("subscriptions", {"start": 1_300_000_000}),
    ],
)
def test_dates_and_quantities_of_every_version_stay(resource: str, body: dict[str, Any]) -> None:
    """Else an invoice that has its date under its old name would be no order any more."""
    assert msgspec.json.decode(cleaned(resource, msgspec.json.encode(body))) == body
