"""Invoice objects in every state before payment; settlement.py settles them."""

from dataclasses import dataclass, field
from typing import Any

from stripe_pipeline.demo.store.chance import DAY, HOUR
from stripe_pipeline.demo.store.discounts import discount
from stripe_pipeline.demo.store.lines import Line, Sums, add_up, line_body, tax_entry
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.world import ACCOUNT_COUNTRY, ACCOUNT_NAME

Body = dict[str, Any]


@dataclass
class Bill:
    """The content of an invoice: its lines, date and reason."""

    created: int
    lines: list[Line]
    reason: str = "manual"
    subscription: str | None = None
    coupon: str | None = None
    discount: Body | None = None
    taxed: bool = True
    by_email: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


def draft(shopper: Shopper, bill: Bill) -> Body:
    """Return a draft invoice, added to the customer's life; its amounts are final."""
    invoice = _frame(shopper, bill)
    sums = add_up(bill.lines, shopper.person.market, shopper.currency, bill.coupon, bill.taxed)
    _fill_in_lines(shopper, invoice, bill)
    _fill_in_discount(shopper, invoice, bill)
    _fill_in_sums(shopper, invoice, sums)
    shopper.bought = True
    shopper.keep(invoice)
    unpaid = _unpaid(invoice) | {"status": "draft", "number": None}
    shopper.tell("invoice.created", bill.created, invoice, unpaid)
    return invoice


def finalize(shopper: Shopper, invoice: Body, at: int | None = None) -> Body:
    """Finalize a draft: it gets a number, and the customer's credit is applied to it."""
    at = at or invoice["created"] + (HOUR if invoice["parent"] else 60)
    at = min(at, shopper.world.now - 1)
    shopper.invoice_count += 1
    invoice["number"] = f"{shopper.invoice_prefix()}-{shopper.invoice_count:04d}"
    invoice["status"] = "open"
    invoice["auto_advance"] = True
    invoice["effective_at"] = at
    invoice["status_transitions"]["finalized_at"] = at
    page = f"https://invoice.stripe.example/i/acct_demo/test_{invoice['id']}"
    invoice |= {"hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}
    _apply_balance(shopper, invoice)
    state = _unpaid(invoice) | {"status": "open"}
    shopper.tell("invoice.finalized", at, invoice, state, previous={"status": "draft"})
    return invoice


def _apply_balance(shopper: Shopper, invoice: Body) -> None:
    starting, total = shopper.balance, invoice["total"]
    due = max(0, total + starting)
    shopper.balance = starting + total - due if total or starting else 0
    invoice |= {
        "starting_balance": starting,
        "ending_balance": shopper.balance,
        "amount_due": due,
        "amount_remaining": due,
    }


def _unpaid(invoice: Body) -> Body:
    """Return the invoice's fields before any payment."""
    return {
        "amount_paid": 0,
        "amount_remaining": invoice["amount_due"],
        "attempted": False,
        "attempt_count": 0,
    }


def _fill_in_lines(shopper: Shopper, invoice: Body, bill: Bill) -> None:
    lines = [line_body(shopper, invoice["id"], line, bill.subscription) for line in bill.lines]
    invoice["lines"] = {
        "object": "list",
        "data": lines,
        "has_more": False,
        "url": f"/v1/invoices/{invoice['id']}/lines",
    }


def _fill_in_discount(shopper: Shopper, invoice: Body, bill: Bill) -> None:
    if not bill.coupon:
        return
    given = bill.discount or discount(
        shopper.chance, bill.coupon, shopper.id, bill.created, invoice=invoice["id"]
    )
    if given is not bill.discount:
        shopper.keep(given)
    off = sum(line.discount for line in bill.lines)
    invoice["discounts"] = [given["id"]]
    invoice["total_discount_amounts"] = [{"amount": off, "discount": given["id"]}]
    for line, body in zip(bill.lines, invoice["lines"]["data"], strict=True):
        if line.discount:
            body["discount_amounts"] = [{"amount": line.discount, "discount": given["id"]}]


def _fill_in_sums(shopper: Shopper, invoice: Body, sums: Sums) -> None:
    market = shopper.person.market
    taxable = sums.subtotal - sums.discount
    due = max(0, sums.total)
    invoice |= {
        "subtotal": sums.subtotal,
        "subtotal_excluding_tax": sums.subtotal_excluding_tax,
        "total": sums.total,
        "total_excluding_tax": sums.total_excluding_tax,
        "total_taxes": [tax_entry(sums.tax, taxable, market)] if sums.tax else [],
        "amount_due": due,
        "amount_remaining": due,
    }


def _frame(shopper: Shopper, bill: Bill) -> Body:
    who = shopper.person
    return {
        "id": shopper.chance.identifier("in"),
        "object": "invoice",
        "account_country": ACCOUNT_COUNTRY,
        "account_name": ACCOUNT_NAME,
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": _automatic_tax(bill.taxed),
        "automatically_finalizes_at": None,
        "billing_reason": bill.reason,
        "collection_method": "send_invoice" if bill.by_email else "charge_automatically",
        "created": bill.created,
        "currency": shopper.currency,
        "custom_fields": None,
        "customer": shopper.id,
        "customer_account": None,
        "customer_address": who.address,
        "customer_email": who.email,
        "customer_name": who.name,
        "customer_phone": who.phone,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": bill.created + 30 * DAY if bill.by_email else None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": {},
        "livemode": False,
        "metadata": bill.metadata,
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": _parent(bill),
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": max((line.end for line in bill.lines), default=bill.created),
        "period_start": min((line.start for line in bill.lines), default=bill.created),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_details": None,
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": shopper.test_clock,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": bill.created + 5,
    }


def _parent(bill: Bill) -> Body | None:
    if not bill.subscription:
        return None
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": bill.metadata,
            "subscription": bill.subscription,
        },
        "type": "subscription_details",
    }


def _automatic_tax(enabled: bool) -> Body:
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": "complete" if enabled else None,
    }
