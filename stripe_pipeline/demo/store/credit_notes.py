"""Credit notes: money given back, credited to the balance, settled outside, or never owed."""

from typing import Any, NamedTuple

from stripe_pipeline.demo.store.aftermath import refund
from stripe_pipeline.demo.store.money import CURRENCIES, spread
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


class Sides(NamedTuple):
    """The split of a credit note's amount.

    `pre_payment` lowers what is due on an open invoice, `refunded` is given back on a charge,
    `to_balance` is credited to the customer, `outside` was settled outside Stripe.
    """

    pre_payment: int = 0
    refunded: int = 0
    to_balance: int = 0
    outside: int = 0


def credit(
    shopper: Shopper,
    invoice: Body,
    at: int,
    sides: Sides,
    charge: Body | None = None,
    splits: int = 1,
) -> Body:
    """Issue a credit note on an invoice; `charge` is the one to refund."""
    at = min(at, shopper.world.now - 1)
    note = _frame(shopper, invoice, sum(sides), at, splits)
    note["pre_payment_amount"] = sides.pre_payment
    note["post_payment_amount"] = sum(sides) - sides.pre_payment
    note["type"] = _type(note["pre_payment_amount"], note["post_payment_amount"])
    if sides.refunded and charge:
        note["refunds"] = [_refund_entry(refund(shopper, charge, sides.refunded, at))]
    if sides.to_balance:
        note["customer_balance_transaction"] = shopper.chance.identifier("cbtxn")
        shopper.balance -= sides.to_balance
    if sides.outside:
        note["out_of_band_amount"] = sides.outside
    _apply(invoice, note)
    shopper.keep(note)
    shopper.tell("credit_note.created", at, note, {"status": "issued", "voided_at": None})
    return note


def void_note(shopper: Shopper, invoice: Body, note: Body, at: int) -> None:
    """Void a credit note on an open invoice."""
    at = min(at, shopper.world.now - 1)
    note |= {"status": "void", "voided_at": at}
    owed = note["pre_payment_amount"]
    invoice["pre_payment_credit_notes_amount"] -= owed
    invoice["amount_due"] += owed
    invoice["amount_remaining"] += owed
    shopper.tell("credit_note.voided", at, note)


def _type(before: int, after: int) -> str:
    if before and after:
        return "mixed"
    return "pre_payment" if before else "post_payment"


def _apply(invoice: Body, note: Body) -> None:
    before = note["pre_payment_amount"]
    invoice["pre_payment_credit_notes_amount"] += before
    invoice["post_payment_credit_notes_amount"] += note["post_payment_amount"]
    invoice["amount_due"] -= before
    invoice["amount_remaining"] -= before


def _refund_entry(body: Body) -> Body:
    return {
        "amount_refunded": body["amount"],
        "payment_record_refund": None,
        "refund": body["id"],
        "type": "refund",
    }


def _frame(shopper: Shopper, invoice: Body, amount: int, at: int, splits: int) -> Body:
    identifier = shopper.chance.identifier("cn")
    step = CURRENCIES[invoice["currency"]].step
    lines = [_line(shopper, part) for part in spread(amount, [1] * splits, step)]
    return {
        "id": identifier,
        "object": "credit_note",
        "amount": amount,
        "amount_shipping": 0,
        "created": at,
        "currency": invoice["currency"],
        "customer": shopper.id,
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": at,
        "invoice": invoice["id"],
        "lines": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/credit_notes/{identifier}/lines",
        },
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": f"{invoice['number']}-CN-{shopper.chance.randint(1, 99):02d}",
        "out_of_band_amount": None,
        "pdf": f"https://pay.stripe.example/credit_notes/{identifier}/pdf",
        "post_payment_amount": 0,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": shopper.chance.pick([None, "order_change", "product_unsatisfactory"]),
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "total_taxes": [],
        "type": "post_payment",
        "voided_at": None,
    }


def _line(shopper: Shopper, amount: int) -> Body:
    return {
        "id": shopper.chance.identifier("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": "Goodwill",
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
