"""The merchant is the same for the same seed, and has what real merchants have."""

import tracemalloc
from collections import Counter, defaultdict
from itertools import islice

import msgspec
import phonenumbers
import pytest

from stripe_pipeline.demo.store import generate
from stripe_pipeline.demo.store.chance import DAY
from tests.demo.conftest import NOW, Body, Kinds

PRESENT = int(NOW.timestamp())


def _bytes(customers: int, seed: int) -> bytes:
    return b"\n".join(map(msgspec.json.encode, generate(customers, seed, NOW)))


def test_the_same_seed_draws_the_same_bytes() -> None:
    assert _bytes(60, 5) == _bytes(60, 5)
    assert _bytes(60, 5) != _bytes(60, 6)


def test_a_larger_merchant_has_the_smaller_ones_customers() -> None:
    def ids(count: int) -> list[str]:
        return [body["id"] for body in generate(count, 5, NOW) if body["object"] == "customer"]

    assert ids(80)[:60] == ids(60)


def test_nothing_is_drawn_before_it_is_asked_for() -> None:
    objects = generate(200_000, 1, NOW)
    first = list(islice(objects, 2_000))
    assert len(first) == 2_000


def test_memory_does_not_grow_with_the_number_of_customers() -> None:
    tracemalloc.start()
    for _ in generate(60, 3, NOW):
        pass
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    for _ in generate(150, 4, NOW):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - before < 5_000_000


def test_nothing_is_dated_in_the_future(objects: list[Body]) -> None:
    assert all(body.get("created", 0) <= PRESENT for body in objects)
    for body in objects:
        moments = body.get("status_transitions", {}).values()
        assert all(moment is None or moment <= PRESENT for moment in moments)


def test_ids_are_unique(objects: list[Body]) -> None:
    ids = Counter((body["object"], body["id"]) for body in objects)
    assert max(ids.values()) == 1


def test_nothing_comes_before_its_customer(objects: list[Body]) -> None:
    since = {body["id"]: body["created"] for body in objects
             if body["object"] == "customer" and "created" in body}  # fmt: skip
    for body in objects:
        owner = body.get("customer")
        if owner in since and "created" in body:
            assert body["created"] >= since[owner], body["id"]


def test_references_lead_somewhere(objects: list[Body]) -> None:
    ids = {body["id"] for body in objects}
    for body in objects:
        for field in ("customer", "invoice", "charge", "subscription", "latest_invoice"):
            if body["object"] != "event" and body.get(field):
                assert body[field] in ids, (body["id"], field)


@pytest.mark.parametrize("customers", [50, 500])
def test_every_status_occurs(customers: int) -> None:
    found = defaultdict(set)
    for body in generate(customers, 1, NOW):
        found[body["object"]].add(body.get("status"))
    assert found["invoice"] == {"draft", "open", "paid", "uncollectible", "void"}
    assert found["subscription"] == {
        "incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused",
        "canceled",
    }  # fmt: skip
    assert found["charge"] == {"succeeded", "failed", "pending"}
    assert found["refund"] == {"succeeded", "pending", "failed", "canceled", "requires_action"}
    assert found["dispute"] >= {"won", "lost", "prevented", "warning_closed", "under_review"}
    assert found["dispute"] >= {"appeal_needs_response", "appeal_under_review", "needs_response"}
    assert found["credit_note"] == {"issued", "void"}
    assert found["checkout.session"] == {"open", "complete", "expired"}
    assert found["invoice_payment"] == {"open", "paid", "canceled"}


def test_invoices_of_every_kind_occur(of_kind: Kinds) -> None:
    invoices = of_kind("invoice")
    lengths = {len(invoice["lines"]["data"]) for invoice in invoices}
    assert lengths >= {25, 120}
    assert any(invoice["subtotal"] == 0 for invoice in invoices)
    assert any(invoice["total"] < 0 for invoice in invoices)
    assert any(invoice["subtotal"] > 0 == invoice["total"] for invoice in invoices)
    assert any(invoice["starting_balance"] < 0 for invoice in invoices)
    assert any(invoice["status"] == "open" and invoice["amount_paid"] for invoice in invoices)
    assert any(invoice["amount_paid_off_stripe"] for invoice in invoices)
    assert any(invoice["post_payment_credit_notes_amount"] for invoice in invoices)
    reasons = {invoice["billing_reason"] for invoice in invoices}
    assert reasons >= {"manual", "subscription_create", "subscription_cycle"}
    assert {invoice["currency"] for invoice in invoices} >= {
        "usd",
        "eur",
        "gbp",
        "jpy",
        "kwd",
        "isk",
        "ugx",
    }


def test_lines_of_every_kind_occur(of_kind: Kinds) -> None:
    lines = [line for invoice in of_kind("invoice") for line in invoice["lines"]["data"]]
    details = [
        line["parent"]["subscription_item_details"] or line["parent"]["invoice_item_details"]
        for line in lines
    ]
    assert any(detail["proration"] for detail in details)
    assert any(line["quantity"] is None for line in lines)
    assert any(line["taxes"] and line["taxes"][0]["tax_behavior"] == "inclusive" for line in lines)
    assert any(line["taxes"] and line["taxes"][0]["tax_behavior"] == "exclusive" for line in lines)
    assert any(line["pricing"]["unit_amount_decimal"] is None for line in lines)
    assert any("." in (line["pricing"]["unit_amount_decimal"] or "") for line in lines)


def test_subscriptions_of_every_kind_occur(of_kind: Kinds) -> None:
    subscriptions = of_kind("subscription")
    assert any(len(body["items"]["data"]) > 10 for body in subscriptions)
    paused = [body for body in subscriptions if body["pause_collection"]]
    assert {body["status"] for body in paused} == {"active", "trialing"}
    behaviors = {body["pause_collection"]["behavior"] for body in paused}
    assert behaviors == {"void", "keep_as_draft", "mark_uncollectible"}
    ending = [body["trial_end"] for body in subscriptions if body["status"] == "trialing"]
    assert any(PRESENT < moment <= PRESENT + 3 * DAY for moment in ending)
    assert any(body["cancel_at_period_end"] for body in subscriptions)
    assert any(body["discounts"] for body in subscriptions)
    intervals = {item["price"]["recurring"]["interval"] for body in subscriptions
                 for item in body["items"]["data"]}  # fmt: skip
    assert intervals == {"day", "week", "month", "year"}
    assert any(item["discounts"] for body in subscriptions for item in body["items"]["data"])
    several = [body for body in subscriptions if 1 < len(body["items"]["data"]) <= 10]
    assert any(body["discounts"] for body in several)


def test_prices_of_every_kind_occur(of_kind: Kinds) -> None:
    prices = {price["id"]: price for price in of_kind("price")}
    billed = [
        prices[item["price"]["id"]]
        for body in of_kind("subscription")
        for item in body["items"]["data"]
    ]
    assert {price["tiers_mode"] for price in billed} == {None, "graduated", "volume"}
    assert any(price["transform_quantity"] for price in billed)
    tiers = [tier for price in billed for tier in price.get("tiers", [])]
    assert any(tier["unit_amount"] is None for tier in tiers)
    assert any(tier["flat_amount"] for tier in tiers)


def test_one_person_may_be_several_customers(of_kind: Kinds) -> None:
    phones: Counter[str] = Counter()
    mailboxes: Counter[str] = Counter()
    books: Counter[str] = Counter()
    for customer in of_kind("customer"):
        phones["".join(filter(str.isdigit, customer["phone"] or ""))] += 1
        mailboxes[(customer["email"] or "").strip().lower()] += 1
        books[customer["metadata"].get("crm_id")] += 1
    assert phones[""] < phones.total() / 2
    assert 2 in {count for phone, count in phones.items() if phone.startswith("1")}
    assert mailboxes["info@hub0.example"] == 2
    assert 2 in books.values()


def test_guests_leave_an_address_or_nothing(of_kind: Kinds) -> None:
    """Some have a customer's address, some an address of their own, some none at all."""
    known = {(customer["email"] or "").strip().lower() for customer in of_kind("customer")} - {""}
    typed = [
        (charge["billing_details"]["email"] or "").strip().lower()
        for charge in of_kind("charge")
        if charge["customer"] is None
    ]
    assert "" in typed
    assert known & set(typed)
    assert Counter(address for address in typed if address not in known).most_common(1)[0][1] >= 2


def test_payments_of_every_kind_occur(of_kind: Kinds) -> None:
    charges, payments = of_kind("charge"), of_kind("invoice_payment")
    assert any(charge["id"].startswith("py_") for charge in charges)
    assert any(charge["payment_intent"] is None for charge in charges)
    assert any(charge["paid"] and not charge["captured"] for charge in charges)
    assert any(charge["customer"] is None for charge in charges)
    kinds = {payment["payment"]["type"] for payment in payments}
    assert kinds == {"payment_intent", "charge", "payment_record"}
    shared = Counter(payment["payment"].get("payment_intent") for payment in payments
                     if payment["status"] == "paid")  # fmt: skip
    shared.pop(None)
    assert max(shared.values()) == 2
    partial = [c for c in charges if 0 < c["amount_refunded"] < c["amount_captured"]]
    assert partial
    assert any(charge["refunded"] for charge in charges)


def test_credit_notes_of_every_kind_occur(of_kind: Kinds) -> None:
    notes = of_kind("credit_note")
    assert {note["type"] for note in notes} == {"pre_payment", "post_payment", "mixed"}
    assert any(note["refunds"] for note in notes)
    assert any(note["customer_balance_transaction"] for note in notes)
    assert any(note["out_of_band_amount"] for note in notes)
    assert any(len(note["lines"]["data"]) > 10 for note in notes)


def test_checkouts_of_every_kind_occur(of_kind: Kinds) -> None:
    sessions = of_kind("checkout.session")
    consents = {(session["consent"] or {}).get("promotions") for session in sessions}
    assert consents == {"opt_in", "opt_out", None}
    assert any(len(session["line_items"]["data"]) > 10 for session in sessions)
    assert any(session["customer"] is None for session in sessions)
    assert {session["mode"] for session in sessions} == {"payment", "subscription"}
    expired = [session for session in sessions if session["status"] == "expired"]
    recovery = [(session["after_expiration"] or {}).get("recovery") for session in expired]
    assert any(recovery)
    assert not all(recovery)


def test_discounts_of_every_kind_occur(of_kind: Kinds) -> None:
    coupons = {coupon["id"]: coupon for coupon in of_kind("coupon")}
    durations = {coupon["duration"] for coupon in coupons.values()}
    assert durations == {"once", "repeating", "forever"}
    used = {discount["source"]["coupon"] for discount in of_kind("discount")}
    assert "GONE50" in used - coupons.keys()
    assert {bool(coupons[key]["amount_off"]) for key in used & coupons.keys()} == {True, False}
    assert {code["active"] for code in of_kind("promotion_code")} == {True, False}


def test_customers_of_every_kind_occur(objects: list[Body], of_kind: Kinds) -> None:
    customers = of_kind("customer")
    emails = [customer["email"] for customer in customers]
    assert None in emails
    assert "" in emails
    plain = Counter((email or "").strip().lower() for email in emails)
    plain.pop("")
    assert max(plain.values()) >= 2
    assert any(email and email != email.strip() for email in emails)
    assert any(email and email.count("@") != 1 for email in emails)
    names = [customer["name"] or "" for customer in customers]
    assert {name[0] for name in names if name} >= set("=+@-")
    assert any(not name.isascii() for name in names)
    assert any(customer.get("business_name") for customer in customers)
    assert any(customer["test_clock"] for customer in customers)
    assert any(body.get("deleted") for body in objects)
    assert any(customer["balance"] < 0 for customer in customers)


@pytest.mark.parametrize("customers", [50, 500])
def test_every_audience_has_a_person(customers: int) -> None:
    """Lapsed, new, single and repeat buyers, cancelled, trial about to end, basket left behind."""
    kinds = defaultdict(list)
    for body in generate(customers, 1, NOW):
        kinds[body["object"]].append(body)
    bought, joined = _purchases(kinds), _alive(kinds)
    times = [bought.get(identifier, []) for identifier in joined]
    assert any(moments and max(moments) < PRESENT - 190 * DAY for moments in times)
    assert {1, 2, 3} <= {len(moments) for moments in times}
    assert any(moment > PRESENT - 30 * DAY for moment in joined.values())
    states = defaultdict(set)
    for subscription in kinds["subscription"]:
        states[subscription["customer"]].add(subscription["status"])
    assert any(states[identifier] == {"canceled"} for identifier in joined)
    assert any("past_due" in states[identifier] for identifier in joined)
    left = [session for session in kinds["checkout.session"] if session["status"] == "expired"
            and session["expires_at"] > PRESENT - 7 * DAY]  # fmt: skip
    assert any(max(bought.get(session["customer"], [0])) < session["created"] for session in left)


def _purchases(kinds: dict[str, list[Body]]) -> dict[str, list[int]]:
    """When each customer's counted invoices and one-off payments were made."""
    linked = {payment["payment"].get("payment_intent") for payment in kinds["invoice_payment"]}
    found = defaultdict(list)
    for invoice in kinds["invoice"]:
        if invoice["subtotal"] > 0 and invoice["status"] in ("open", "paid", "uncollectible"):
            found[invoice["customer"]].append(invoice["created"])
    for charge in kinds["charge"]:
        one_off = charge["payment_intent"] not in linked
        if charge["status"] == "succeeded" and charge["captured"] and one_off:
            found[charge["customer"]].append(charge["created"])
    return found


def _alive(kinds: dict[str, list[Body]]) -> dict[str, int]:
    """When each customer joined, without the deleted and those on test clocks."""
    return {
        customer["id"]: customer["created"]
        for customer in kinds["customer"]
        if "deleted" not in customer and not customer["test_clock"]
    }


def test_addresses_and_numbers_belong_to_no_one(of_kind: Kinds) -> None:
    for customer in of_kind("customer"):
        domain = (customer["email"] or "").strip().lower().rpartition("@")[2]
        assert domain.endswith((".example", "example.com", "example.org")) or "." not in domain
    phones = [customer["phone"] for customer in of_kind("customer") if customer["phone"]]
    international = [phone for phone in phones if phone.startswith("+")]
    parsed = [phonenumbers.parse(phone) for phone in international]
    assert all(map(phonenumbers.is_valid_number, parsed))
    assert len(international) < len(phones)


def test_many_objects_share_their_second(of_kind: Kinds) -> None:
    for kind in ("customer", "invoice", "charge", "price"):
        moments = Counter(body["created"] for body in of_kind(kind))
        assert max(moments.values()) >= 2, kind


def test_size_is_about_five_invoices_a_customer() -> None:
    kinds = Counter(body["object"] for body in generate(800, 1, NOW))
    assert 4 <= kinds["invoice"] / 800 <= 6
    assert 0.5 <= kinds["subscription"] / 800 <= 0.75
    assert 0.6 <= kinds["checkout.session"] / 800 <= 1.5
