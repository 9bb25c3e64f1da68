"""Refunds and disputes."""

from typing import Any

from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]

MOVES_MONEY = ("succeeded", "pending", "requires_action")
EVIDENCE_TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def refund(shopper: Shopper, charge: Body, amount: int, at: int, status: str = "succeeded") -> Body:
    """Refund a part of a charge, which counts it unless the refund failed; return the refund."""
    body = _refund_frame(shopper, charge, amount, min(at, shopper.world.now - 1), status)
    if status in MOVES_MONEY:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    shopper.keep(body)
    shopper.tell("refund.created", body["created"], body, {"status": "pending"})
    if status == "failed":
        shopper.tell("refund.failed", body["created"], body, previous={"status": "pending"})
    if status in MOVES_MONEY:
        shopper.tell("charge.refunded", body["created"], charge, previous={"amount_refunded": 0})
    return body


def _refund_frame(shopper: Shopper, charge: Body, amount: int, at: int, status: str) -> Body:
    identifier = shopper.chance.identifier("re")
    body: Body = {
        "id": identifier,
        "object": "refund",
        "amount": amount,
        "balance_transaction": f"txn_{identifier[3:]}",
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": _destination(),
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": shopper.chance.pick([None, "requested_by_customer", "duplicate", "fraudulent"]),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    if status == "pending":
        body["pending_reason"] = "processing"
    if status in ("failed", "canceled"):
        body |= {
            "failure_balance_transaction": f"txn_{identifier[3:-1]}f",
            "failure_reason": "lost_or_stolen_card" if status == "failed" else "merchant_request",
        }
    return body


def _destination() -> Body:
    card = {
        "reference": "5742000000000000",
        "reference_status": "available",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"card": card, "type": "card"}


def dispute(shopper: Shopper, charge: Body, amount: int, at: int, status: str) -> Body:
    """Return a charge's dispute; an inquiry (`warning_...`) and a prevented one take no money."""
    body = _dispute_frame(shopper, charge, amount, min(at, shopper.world.now - 1), status)
    charge["disputed"] = True
    shopper.keep(body)
    created = body["created"]
    shopper.tell("charge.dispute.created", created, body, {"status": "needs_response"})
    if status in ("won", "lost", "warning_closed"):
        closed = min(created + 20 * DAY, shopper.world.now - 1)
        shopper.tell("charge.dispute.closed", closed, body, previous={"status": "under_review"})
    return body


def _dispute_frame(shopper: Shopper, charge: Body, amount: int, at: int, status: str) -> Body:
    return {
        "id": shopper.chance.identifier("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": _withdrawals(shopper, charge, amount, at, status),
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE_TEXTS) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": at + 9 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": status in ("under_review", "won", "lost"),
            "past_due": at + 9 * DAY < shopper.world.now,
            "submission_count": 1 if status in ("under_review", "won", "lost") else 0,
            "submission_method": "manual"
            if status in ("under_review", "won", "lost")
            else "not_submitted",
        },
        "is_charge_refundable": status.startswith("warning_"),
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "inquiry" if status.startswith("warning_") else "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": shopper.chance.pick(["fraudulent", "product_not_received", "general"]),
        "status": status,
    }


def _withdrawals(shopper: Shopper, charge: Body, amount: int, at: int, status: str) -> list[Body]:
    if status.startswith("warning_") or status == "prevented":
        return []
    taken = _movement(shopper, charge, -amount, at, "dispute")
    if status != "won":
        return [taken]
    back = _movement(shopper, charge, amount, at + 20 * DAY, "dispute_reversal")
    return [taken, back]


def _movement(shopper: Shopper, charge: Body, amount: int, at: int, category: str) -> Body:
    return {
        "id": shopper.chance.identifier("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": charge["currency"],
        "description": f"Chargeback for {charge['id']}",
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": category,
        "source": charge["id"],
        "status": "available",
        "type": "adjustment",
    }
