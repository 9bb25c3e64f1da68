"""A small account with a person of many words in it, and a home that mirrors it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter
from stripe_pipeline.lake import Lake, compact
from stripe_pipeline.lake.compact import Tier
from stripe_pipeline.lake.tables import ensure_tables, entries
from stripe_pipeline.normalizing.step import normalize
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http import retries
from tests.fake_stripe.server import Account, nested, serving
from tests.fake_stripe.shop import SPRING, line, stock
from tests.forget.planting import (
    ADDRESS,
    EMAIL,
    FORMER_EMAIL,
    HOLDER,
    MEMO,
    NAME,
    SAME_EMAIL,
    SAME_PHONE,
    expanded,
    hers,
)

KEY = "rk_test_51abcdefghijklmnop"
HER, ACCOUNT = "cus_zelda", "acct_z"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a hundredth as long between attempts."""
    monkeypatch.setattr(
        retries, "PATIENCE", retries.RetryPolicy(first_wait=0.002, longest_wait=0.1)
    )


@pytest.fixture
def account() -> Account:
    """A shop in which she has one of everything, once as a guest."""
    account = Account()
    stock(account, 6)
    fill(account)
    return account


@pytest.fixture
def settings_at(account: Account) -> Iterator[Callable[[Path], Settings]]:
    """Build the settings of a home that mirrors the account."""
    with serving(account) as base:

        def make(home: Path) -> Settings:
            values: dict[str, Any] = {
                "stripe_api_key": KEY,
                "stripe_api_base": base,
                "STRIPE_PIPELINE_HOME": home,
                "STRIPE_PIPELINE_RATE_LIMIT": 10_000,
            }
            return Settings(**values)

        yield make


@pytest.fixture
def settings(
    settings_at: Callable[[Path], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of a home in which two files are enough to be merged."""
    monkeypatch.setattr(compact, "TIERS", (Tier(1_000_000, 2),))
    return settings_at(tmp_path / "home")


def fill(account: Account) -> None:
    """Give her an object of each kind; events tell of some."""

    def add(resource: str, identifier: str, **fields: Any) -> dict[str, Any]:
        return account.add(resource, identifier, SPRING, **hers(resource, fields))

    her, as_account = {"customer": HER}, {"customer": None, "customer_account": ACCOUNT}
    items = nested([{"id": "si_z", "object": "subscription_item", "quantity": 1}])
    sold = nested([line("li_z")])
    made = [
        add("customers", HER, customer_account=ACCOUNT),
        add("subscriptions", "sub_z", status="active", items=items, **her),
        add(
            "invoices", "in_z", status="paid", amount_paid=900, lines=nested([line("il_z")]), **her
        ),
        add("charges", "ch_z", status="succeeded", amount=900, payment_intent="pi_z", **her),
        add("refunds", "re_z", status="succeeded", amount=300, charge="ch_z"),
        add("disputes", "dp_z", status="lost", amount=100, charge="ch_z"),
        add("credit_notes", "cn_z", status="issued", invoice="in_z", lines=nested([]), **her),
        add("promotion_codes", "promo_z", active=True, coupon="SPRING SALE/50%", **her),
        add("checkout_sessions", "cs_z", status="expired", line_items=sold, **her),
        # As a guest: known by her address, or by the payment that is hers.
        add("charges", "ch_guest", status="succeeded", payment_intent="pi_guest"),
        add("refunds", "re_guest", status="succeeded", payment_intent="pi_guest"),
        add("checkout_sessions", "cs_guest", payment_intent="pi_guest", line_items=nested([])),
        *by_phone_alone(account),
        account.add("charges", "ch_former_z", SPRING, receipt_email=FORMER_EMAIL, source=HOLDER),
        # As the Account that stands for her.
        add("invoices", "in_acct_z", status="paid", lines=nested([line("il_a")]), **as_account),
        add("charges", "ch_acct_z", status="succeeded", payment_intent="pi_a", **as_account),
        add("refunds", "re_acct_z", status="succeeded", charge="ch_acct_z"),
        account.add(
            "charges", "ch_old_z", SPRING, **expanded("charges", {"customer": HER, "amount": 1})
        ),
    ]
    for body in made:
        account.event(f"{body['object']}.created", body)
    account.event("payment_intent.succeeded", hers("charges", {"id": "pi_guest", "object": "pi"}))
    told = account.event("customer.updated", made[0])
    told["data"]["previous_attributes"] = {"email": FORMER_EMAIL, "name": NAME, "address": ADDRESS}


def by_phone_alone(account: Account) -> list[dict[str, Any]]:
    """What she paid as a guest who gave a number and no address, and its result."""
    details = {"email": None, "name": NAME, "phone": "212 555 0142", "address": ADDRESS}
    paid = {"status": "succeeded", "payment_intent": "pi_p", "billing_details": details}
    back = {"status": "succeeded", "charge": "ch_phone_z", "instructions_email": EMAIL}
    return [
        account.add("charges", "ch_phone_z", SPRING, **paid),
        account.add("refunds", "re_phone_z", SPRING, **back),
    ]


def fill_home(settings: Settings, account: Account) -> None:
    """Let the home grow old: two syncs, of which files are merged, and everything beside them."""
    sync(settings)
    for resource, identifier in (("customers", HER), ("invoices", "in_z"), ("charges", "ch_z")):
        changed = account.objects[resource][identifier] | {"metadata": {"memo": f"{MEMO} twice"}}
        account.objects[resource] = {**account.objects[resource], identifier: changed}
        account.event(f"{changed['object']}.updated", changed)
    sync(settings)
    lake = Lake(settings.lake)
    ensure_tables(lake)
    with lake.writing():
        record_words(lake)
    normalize(lake)
    with lake.writing():
        for table in ("customers", "invoices", "charges"):
            compact.compact(lake, table)
    newest = lake.batches("charges")[-1].path
    newest.with_name("0000000090-0000000091.parquet.torn").write_bytes(newest.read_bytes()[:-9])
    newest.with_name(".0000000092.parquet.tmp").write_bytes(newest.read_bytes())
    deliver(settings, account)


def record_words(lake: Lake) -> None:
    """What people recorded of her addresses, and a message that she got."""
    said = {"source": "newsletter of Quillfeather", "occurred_at": NOW, "recorded_at": NOW}
    consents = [
        {"channel": "email", "address": SAME_EMAIL, "status": "opt_in", **said},
        {"channel": "sms", "address": SAME_PHONE, "status": "opt_out", **said},
        {"channel": "email", "address": FORMER_EMAIL.lower(), "status": "opt_in", **said},
        {"channel": "email", "address": "other@shop.example", "status": "opt_in", **said}
        | {"source": "form"},
    ]
    lake.append("consent_entries", entries("consent_entries", consents), {})
    held = {"address": SAME_EMAIL, "reason": MEMO, "is_active": True, "recorded_at": NOW}
    token = held | {"channel": "push", "address": EMAIL.strip()}
    rows = entries("suppression_entries", [held | {"channel": "all"}, token])
    lake.append("suppression_entries", rows, {})


def deliver(settings: Settings, account: Account) -> None:
    """A delivery that no sync has read yet."""
    body = account.objects["customers"][HER]
    event = {"id": "evt_delivered", "object": "event", "created": SPRING, "livemode": False}
    told = event | {"type": "customer.updated", "data": {"object": body}}
    writer = SpoolWriter(settings.webhooks)
    writer.write([msgspec.json.encode(told), f"no event of {NAME}".encode()])
    writer.close()
    # A process that was killed while it wrote the next one.
    (segment,) = settings.webhooks.glob("*.open")
    segment.write_bytes(segment.read_bytes() + msgspec.json.encode(told))
