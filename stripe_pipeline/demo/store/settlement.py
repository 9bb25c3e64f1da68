"""Settle invoices: paid, part-paid, open with failed attempts, void, written off."""

from typing import Any

from stripe_pipeline.demo.store.chance import DAY, HOUR
from stripe_pipeline.demo.store.charges import charge, failed_charge
from stripe_pipeline.demo.store.invoices import finalize
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


def invoice_payment(
    shopper: Shopper, invoice: Body, amount: int, at: int, payment: Body, **differing: Any
) -> Body:
    """Return the link between an invoice and its payment; open until `settle_payment`."""
    body = {
        "id": shopper.chance.identifier("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": amount,
        "created": at,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": payment,
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    } | differing
    return shopper.keep(body)


def settle_payment(shopper: Shopper, body: Body, at: int) -> None:
    """Mark an invoice payment as paid in full."""
    body |= {"status": "paid", "amount_paid": body["amount_requested"]}
    body["status_transitions"] = {"canceled_at": None, "paid_at": at}
    shopper.tell("invoice_payment.paid", at, body)


def by_intent(intent: str) -> Body:
    """Return the `payment` of an invoice payment by a PaymentIntent."""
    return {"payment_intent": intent, "type": "payment_intent"}


def mark_paid(shopper: Shopper, invoice: Body, at: int, paid: int) -> None:
    """Mark an invoice as paid, or as one with nothing due."""
    before = {"status": "open", "amount_paid": 0, "amount_remaining": invoice["amount_due"]}
    invoice |= {
        "status": "paid",
        "amount_paid": paid,
        "amount_remaining": invoice["amount_due"] - paid,
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = at
    shopper.tell("invoice.updated", at, invoice, previous=before)
    shopper.tell("invoice.paid", at, invoice)
    shopper.tell("invoice.payment_succeeded", at, invoice)


def pay(shopper: Shopper, invoice: Body, at: int | None = None, intent: bool = True) -> Body | None:
    """Finalise and pay an invoice by card; return the charge, or None when nothing was due.

    `intent=False` is an old-style charge: no PaymentIntent, the invoice payment names the charge.
    """
    if invoice["status"] == "draft":
        finalize(shopper, invoice)
    finalized = invoice["status_transitions"]["finalized_at"]
    at = min(at or finalized, shopper.world.now - 1)
    due = invoice["amount_due"]
    if due == 0:
        mark_paid(shopper, invoice, at, 0)
        return None
    money = charge(shopper, due, at, **_reason(invoice, intent))
    payment = by_intent(money["payment_intent"]) if intent else _by_charge(money)
    link = invoice_payment(shopper, invoice, due, finalized, payment)
    settle_payment(shopper, link, at)
    invoice["attempt_count"] += 1
    mark_paid(shopper, invoice, at, due)
    return money


def _reason(invoice: Body, intent: bool) -> Body:
    text = "Subscription creation" if invoice["parent"] else f"Payment for {invoice['number']}"
    return {"description": text} | ({} if intent else {"payment_intent": None})


def _by_charge(money: Body) -> Body:
    return {"charge": money["id"], "type": "charge"}


def fail(shopper: Shopper, invoice: Body, attempts: int = 1) -> Body:
    """Finalise an invoice whose payment failed `attempts` times; it and its payment stay open."""
    finalize(shopper, invoice)
    finalized = invoice["status_transitions"]["finalized_at"]
    intent = shopper.chance.identifier("pi")
    due = invoice["amount_due"]
    for attempt in range(attempts):
        at = finalized + attempt * 2 * DAY
        if at >= shopper.world.now:
            break
        failed_charge(shopper, due, at, payment_intent=intent)
        invoice["attempt_count"] += 1
        shopper.tell("invoice.payment_failed", at, invoice)
    last = finalized + (invoice["attempt_count"] - 1) * 2 * DAY
    retry = max(last, shopper.world.now) + 2 * DAY
    invoice |= {"attempted": True, "next_payment_attempt": retry if attempts < 4 else None}
    return invoice_payment(shopper, invoice, due, finalized, by_intent(intent))


def leave_open(shopper: Shopper, invoice: Body) -> Body:
    """Finalise an invoice sent by email and unpaid; return its open payment."""
    finalize(shopper, invoice)
    finalized = invoice["status_transitions"]["finalized_at"]
    shopper.tell("invoice.sent", finalized, invoice)
    intent = by_intent(shopper.chance.identifier("pi"))
    return invoice_payment(shopper, invoice, invoice["amount_due"], finalized, intent)


def cancel_payment(body: Body, at: int) -> None:
    """Cancel the open payment of an invoice that is void or settled otherwise."""
    body |= {"status": "canceled"}
    body["status_transitions"] = {"canceled_at": at, "paid_at": None}


def void(shopper: Shopper, invoice: Body, at: int) -> None:
    """Finalise and void an invoice."""
    link = leave_open(shopper, invoice)
    at = min(at, shopper.world.now - 1)
    cancel_payment(link, at)
    shopper.balance = invoice["starting_balance"]
    invoice |= {"status": "void", "auto_advance": False, "ending_balance": shopper.balance}
    invoice["status_transitions"]["voided_at"] = at
    shopper.tell("invoice.voided", at, invoice, previous={"status": "open"})


def write_off(shopper: Shopper, invoice: Body, at: int, reason: str | None = None) -> None:
    """Mark an invoice uncollectible after failed attempts; an attempt may still succeed later."""
    fail(shopper, invoice, 4)
    at = min(at, shopper.world.now - 1)
    invoice |= {
        "status": "uncollectible",
        "auto_advance": False,
        "next_payment_attempt": None,
        "status_details": {"uncollectible": {"reason": reason or "max_payment_attempts"}},
    }
    invoice["status_transitions"]["marked_uncollectible_at"] = at
    shopper.tell("invoice.marked_uncollectible", at, invoice, previous={"status": "open"})


def pay_outside(shopper: Shopper, invoice: Body, at: int, recorded: bool) -> None:
    """Pay an invoice outside Stripe: by bank transfer, say.

    `recorded` reports it as a payment record, which then shows as an invoice payment.
    """
    link = leave_open(shopper, invoice)
    at = min(at, shopper.world.now - 1)
    due = invoice["amount_due"]
    cancel_payment(link, at)
    if recorded:
        record = {"payment_record": shopper.chance.identifier("pr"), "type": "payment_record"}
        outside = invoice_payment(shopper, invoice, due, at, record, is_default=False)
        settle_payment(shopper, outside, at)
    invoice["amount_paid_off_stripe"] = due
    mark_paid(shopper, invoice, at, due)


def pay_partly(shopper: Shopper, invoice: Body, part: int, at: int) -> Body:
    """Pay a part of an open invoice, whose rest stays due; return the charge."""
    rest = leave_open(shopper, invoice)
    at = min(at, shopper.world.now - 1)
    money = charge(shopper, part, at)
    intent = by_intent(money["payment_intent"])
    link = invoice_payment(shopper, invoice, part, at, intent, is_default=False)
    settle_payment(shopper, link, at)
    invoice |= {"amount_paid": part, "amount_remaining": invoice["amount_due"] - part}
    rest["amount_requested"] = invoice["amount_remaining"]
    shopper.tell("invoice.updated", at, invoice, previous={"amount_paid": 0})
    return money


def pay_together(shopper: Shopper, invoices: list[Body], at: int) -> Body:
    """Pay several open invoices by one payment; return its charge."""
    links = [leave_open(shopper, invoice) for invoice in invoices]
    at = min(max(at, max(link["created"] for link in links) + HOUR), shopper.world.now - 1)
    money = charge(shopper, sum(invoice["amount_due"] for invoice in invoices), at)
    for invoice, link in zip(invoices, links, strict=True):
        link["payment"] = by_intent(money["payment_intent"])
        settle_payment(shopper, link, at)
        mark_paid(shopper, invoice, at, invoice["amount_due"])
    return money
