"""The money of the merchant's objects adds up, within each object and between them."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

from stripe_pipeline.demo.store import generate
from stripe_pipeline.demo.store.money import CURRENCIES
from tests.demo.conftest import NOW, Body

COUNTED_REFUNDS = ("succeeded", "pending", "requires_action")


@pytest.fixture(scope="module", params=[1, 7, 99])
def account(request: pytest.FixtureRequest) -> dict[str, list[Body]]:
    """The objects of merchants of three seeds, by kind."""
    kinds = defaultdict(list)
    for body in generate(150, request.param, NOW):
        if "deleted" not in body:
            kinds[body["object"]].append(body)
    return kinds


def test_lines_sum_to_the_subtotal(account: dict[str, list[Body]]) -> None:
    for invoice in account["invoice"]:
        lines = invoice["lines"]["data"]
        assert sum(line["amount"] for line in lines) == invoice["subtotal"]
        assert all(line["currency"] == invoice["currency"] for line in lines)


def test_total_is_subtotal_less_discount_plus_tax(account: dict[str, list[Body]]) -> None:
    for invoice in account["invoice"]:
        discount = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
        taxes = invoice["total_taxes"]
        tax = sum(entry["amount"] for entry in taxes)
        added = sum(entry["amount"] for entry in taxes if entry["tax_behavior"] == "exclusive")
        assert invoice["total"] == invoice["subtotal"] - discount + added
        assert invoice["total_excluding_tax"] == invoice["total"] - tax
        assert 0 <= discount <= max(invoice["subtotal"], 0)


def test_lines_carry_the_discounts_and_taxes(account: dict[str, list[Body]]) -> None:
    for invoice in account["invoice"]:
        lines = invoice["lines"]["data"]
        for total, part in (
            ("total_discount_amounts", "discount_amounts"),
            ("total_taxes", "taxes"),
        ):
            parts = sum(entry["amount"] for line in lines for entry in line[part])
            assert parts == sum(entry["amount"] for entry in invoice[total])


def test_due_paid_and_remaining_agree(account: dict[str, list[Body]]) -> None:
    for invoice in account["invoice"]:
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
        if invoice["status"] == "draft":
            continue
        before = max(0, invoice["total"] + invoice["starting_balance"])
        assert invoice["amount_due"] == before - invoice["pre_payment_credit_notes_amount"]
        if invoice["status"] == "paid":
            assert invoice["amount_remaining"] == 0
            assert invoice["status_transitions"]["paid_at"]
        if invoice["status"] == "open":
            assert invoice["amount_remaining"] > 0


def test_invoice_payments_sum_to_what_was_paid(account: dict[str, list[Body]]) -> None:
    paid: dict[str, int] = defaultdict(int)
    for payment in account["invoice_payment"]:
        if payment["status"] == "paid":
            paid[payment["invoice"]] += payment["amount_paid"]
    for invoice in account["invoice"]:
        off_stripe = invoice["amount_paid_off_stripe"]
        assert paid[invoice["id"]] in (invoice["amount_paid"], invoice["amount_paid"] - off_stripe)


def test_charges_cover_the_invoices_they_pay(account: dict[str, list[Body]]) -> None:
    shares: dict[str, int] = defaultdict(int)
    for payment in account["invoice_payment"]:
        if payment["status"] == "paid" and payment["payment"]["type"] != "payment_record":
            via = payment["payment"]
            shares[via.get("payment_intent") or via["charge"]] += payment["amount_paid"]
    captured: dict[str, int] = defaultdict(int)
    for charge in account["charge"]:
        if charge["status"] == "succeeded" and charge["captured"]:
            captured[charge["payment_intent"] or charge["id"]] += charge["amount_captured"]
    assert shares
    for payment_id, share in shares.items():
        assert captured[payment_id] == share


def test_refunds_sum_to_what_the_charge_says(account: dict[str, list[Body]]) -> None:
    refunded: dict[str, int] = defaultdict(int)
    for refund in account["refund"]:
        assert refund["amount"] > 0
        if refund["status"] in COUNTED_REFUNDS:
            refunded[refund["charge"]] += refund["amount"]
    for charge in account["charge"]:
        assert charge["amount_refunded"] == refunded[charge["id"]]
        assert charge["refunded"] == (charge["amount_refunded"] == charge["amount"])


def test_disputes_stay_within_the_charge(account: dict[str, list[Body]]) -> None:
    charges = {charge["id"]: charge for charge in account["charge"]}
    for dispute in account["dispute"]:
        charge = charges[dispute["charge"]]
        assert 0 < dispute["amount"] <= charge["amount"]
        assert charge["disputed"]
        assert dispute["currency"] == charge["currency"]


def test_credit_notes_name_where_the_money_went(account: dict[str, list[Body]]) -> None:
    for note in account["credit_note"]:
        refunds = sum(entry["amount_refunded"] for entry in note["refunds"])
        outside = note["out_of_band_amount"] or 0
        after = note["post_payment_amount"]
        assert note["pre_payment_amount"] + after == note["total"] == note["amount"] > 0
        to_balance = after - refunds - outside
        assert (to_balance > 0) == (note["customer_balance_transaction"] is not None)
        assert sum(line["amount"] for line in note["lines"]["data"]) == note["subtotal"]


def test_checkout_totals_add_up(account: dict[str, list[Body]]) -> None:
    captured = {charge["payment_intent"]: charge["amount_captured"] for charge in account["charge"]}
    for session in account["checkout.session"]:
        details = session["total_details"]
        reduced = session["amount_subtotal"] - details["amount_discount"]
        assert session["amount_total"] == reduced + details["amount_tax"]
        if session["payment_intent"]:
            assert captured[session["payment_intent"]] == session["amount_total"]


def _amounts(body: object) -> Iterator[int]:
    if isinstance(body, dict):
        for name, value in body.items():
            if name in ("amount", "amount_due", "amount_paid", "total", "unit_amount"):
                yield value or 0
            yield from _amounts(value)
    elif isinstance(body, list):
        for entry in body:
            yield from _amounts(entry)


def test_amounts_are_what_the_currency_allows(account: dict[str, list[Body]]) -> None:
    for kind in ("invoice", "charge", "refund", "dispute", "credit_note", "checkout.session"):
        for body in account[kind]:
            step = CURRENCIES[body["currency"]].step
            assert all(amount % step == 0 for amount in _amounts(body)), body["id"]


def test_balances_are_carried_from_invoice_to_invoice(account: dict[str, list[Body]]) -> None:
    for invoice in account["invoice"]:
        if invoice["status"] not in ("draft", "void"):
            used = invoice["starting_balance"] + invoice["total"]
            before_notes = invoice["amount_due"] + invoice["pre_payment_credit_notes_amount"]
            assert invoice["ending_balance"] == used - before_notes
