"""Charge objects: succeeded, failed, uncaptured, by card and by bank debit."""

from datetime import UTC, datetime
from typing import Any

from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


def charge(shopper: Shopper, amount: int, at: int, **differing: Any) -> Body:
    """Return a captured, succeeded card charge, added to the life; `differing` replaces fields."""
    body = _frame(shopper, amount, min(at, shopper.world.now - 1)) | differing
    shopper.keep(body)
    shopper.bought = shopper.bought or body["customer"] is not None
    shopper.tell(f"charge.{body['status']}", body["created"], body, {"amount_refunded": 0})
    return body


def failed_charge(shopper: Shopper, amount: int, at: int, **differing: Any) -> Body:
    """Return a charge that the bank declined."""
    outcome = {
        "advice_code": "try_again_later",
        "network_advice_code": None,
        "network_decline_code": "51",
        "network_status": "declined_by_network",
        "reason": "insufficient_funds",
        "risk_level": "normal",
        "risk_score": 31,
        "seller_message": "The bank returned the decline code `insufficient_funds`.",
        "type": "issuer_declined",
    }
    failed: Body = {
        "amount_captured": 0,
        "captured": False,
        "paid": False,
        "status": "failed",
        "failure_code": "card_declined",
        "failure_message": "Your card has insufficient funds.",
        "balance_transaction": None,
        "receipt_url": None,
        "outcome": outcome,
    }
    return charge(shopper, amount, at, **(failed | differing))


def authorization(shopper: Shopper, amount: int, at: int, **differing: Any) -> Body:
    """Return a charge that was authorised but not captured; its `paid` is true nevertheless."""
    held = {"amount_captured": 0, "captured": False, "balance_transaction": None}
    return charge(shopper, amount, at, **(held | differing))


def bank_debit(shopper: Shopper, amount: int, at: int, **differing: Any) -> Body:
    """Return a payment by bank debit, whose id starts with `py_`."""
    debit = {
        "id": shopper.chance.identifier("py"),
        "payment_method_details": {
            "us_bank_account": {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "fingerprint": "FFDMA0xfhBjWSZLu",
                "last4": "6789",
                "mandate": f"mandate_1{shopper.id[4:]}",
                "payment_reference": None,
                "routing_number": "110000000",
            },
            "type": "us_bank_account",
        },
    }
    return charge(shopper, amount, at, **(debit | differing))


def _frame(shopper: Shopper, amount: int, at: int) -> Body:
    identifier = shopper.chance.identifier("ch")
    return {
        "id": identifier,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": f"txn_{identifier[3:]}",
        "billing_details": billing_details(shopper),
        "calculated_statement_descriptor": "FERNWEH COFFEE",
        "captured": True,
        "created": at,
        "currency": shopper.currency,
        "customer": shopper.id,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": _approved(),
        "paid": True,
        "payment_intent": shopper.chance.identifier("pi"),
        "payment_method": f"pm_1{shopper.id[4:]}",
        "payment_method_details": card(shopper),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.example/receipts/{identifier}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def billing_details(shopper: Shopper) -> Body:
    """Return the billing details as typed at the checkout."""
    who = shopper.person
    return {
        "address": who.address or dict.fromkeys(
            ("city", "country", "line1", "line2", "postal_code", "state")
        ),
        "email": who.email or None,
        "name": who.name,
        "phone": who.phone,
        "tax_id": None,
    }  # fmt: skip


def _approved() -> Body:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def card(shopper: Shopper) -> Body:
    """Return the payment method details of the customer's card; some expire this month."""
    expires = datetime.fromtimestamp(shopper.world.now + shopper.index % 40 * 30 * DAY, UTC)
    return {
        "card": {
            "amount_authorized": None,
            "authorization_code": "123456",
            "brand": "visa",
            "checks": {
                "address_line1_check": "pass",
                "address_postal_code_check": "pass",
                "cvc_check": None,
            },
            "country": "US",
            "exp_month": expires.month,
            "exp_year": expires.year,
            "fingerprint": "Xt5EWLLDS7FJjR1c",
            "funding": "credit",
            "installments": None,
            "last4": f"{shopper.index % 10_000:04d}",
            "mandate": None,
            "network": "visa",
            "network_token": {"used": False},
            "network_transaction_id": "105611610616051",
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "wallet": None,
        },
        "type": "card",
    }
