"""Invoice lines, and the sums of an invoice: subtotal, discounts, tax, total.

Meaning of the fields: the Invoice and InvoiceLineItem objects of Stripe's API reference.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stripe_pipeline.demo.store.catalogue import BY_KEY as OFFERS
from stripe_pipeline.demo.store.catalogue import NAMES, TIERS, price, sub_cent
from stripe_pipeline.demo.store.discounts import money_off, products_of
from stripe_pipeline.demo.store.money import CURRENCIES, part_of, spread
from stripe_pipeline.demo.store.people import Market
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


@dataclass
class Line:
    """One line to be billed: an offer (None for a free-text item), its amount and period.

    `item` is the subscription item behind it, None for an invoice item.
    """

    offer: str | None
    quantity: int | None
    amount: int
    start: int
    end: int
    item: str | None = None
    is_proration: bool = False
    text: str | None = None
    discount: int = 0
    tax: int = 0

    @property
    def taxable(self) -> int:
        """The amount after the invoice's discount."""
        return self.amount - self.discount


@dataclass
class Sums:
    """The money of one invoice, in minor units."""

    subtotal: int
    discount: int
    tax: int
    total: int
    tax_inclusive: bool
    percent: Fraction

    @property
    def subtotal_excluding_tax(self) -> int:
        """The subtotal without the tax contained in it."""
        return self.subtotal - _contained(self.subtotal, self) if self.tax else self.subtotal

    @property
    def total_excluding_tax(self) -> int:
        """The total without tax."""
        return self.total - self.tax


def _contained(amount: int, sums: Sums) -> int:
    if not sums.tax_inclusive:
        return 0
    return round(amount * sums.percent / (100 + sums.percent))


def add_up(
    lines: list[Line], market: Market, currency: str, coupon: str | None, taxed: bool = True
) -> Sums:
    """Spread the coupon over the lines, tax the rest, set the lines' fields and return the sums."""
    subtotal = sum(line.amount for line in lines)
    reached = [max(line.amount, 0) if _reaches(coupon, line) else 0 for line in lines]
    base = min(subtotal, sum(reached))
    off = money_off(coupon, base, currency) if coupon and base > 0 else 0
    for line, share in zip(lines, spread(off, reached, CURRENCIES[currency].step), strict=True):
        line.discount = share
    percent = Fraction(market.tax_percent) if taxed else Fraction(0)
    for line in lines:
        line.tax = _tax(line.taxable, percent, market.tax_inclusive, currency)
    tax = sum(line.tax for line in lines)
    total = subtotal - off + (0 if market.tax_inclusive else tax)
    return Sums(subtotal, off, tax, total, market.tax_inclusive, percent)


def _reaches(coupon: str | None, line: Line) -> bool:
    """Return whether a coupon applies to a line: some are for certain products only."""
    products = products_of(coupon) if coupon else ()
    return not products or (line.offer is not None and OFFERS[line.offer].product in products)


def _tax(amount: int, percent: Fraction, inclusive: bool, currency: str) -> int:
    ratio = percent / (100 + percent) if inclusive else percent / 100
    return part_of(amount, ratio, currency)


def line_body(shopper: Shopper, invoice: str, line: Line, subscription: str | None) -> Body:
    """Return the line as Stripe shows it inside the invoice's `lines`."""
    market = shopper.person.market
    return {
        "id": shopper.chance.identifier("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": shopper.currency,
        "description": line.text or _description(line),
        "discount_amounts": [],
        "discountable": not line.is_proration,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "parent": _parent(shopper, line, subscription),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [],
        "pricing": _pricing(line, shopper),
        "quantity": line.quantity,
        "quantity_decimal": None if line.quantity is None else str(line.quantity),
        "subscription": subscription,
        "subtotal": line.amount,
        "taxes": [tax_entry(line.tax, line.taxable, market)] if line.tax else [],
    }


def _description(line: Line) -> str:
    name = NAMES[OFFERS[line.offer].product] if line.offer else "Item"
    if line.is_proration:
        return f"{'Unused' if line.amount < 0 else 'Remaining'} time on {name}"
    return name if line.quantity is None else f"{line.quantity} \u00d7 {name}"


def tax_entry(amount: int, taxable: int, market: Market) -> Body:
    """Return one entry of `taxes` or `total_taxes`."""
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if market.tax_inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": f"txr_1Demo{market.country}{market.tax_type:x<16}"},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable - (amount if market.tax_inclusive else 0),
        "type": "tax_rate_details",
    }


def _parent(shopper: Shopper, line: Line, subscription: str | None) -> Body:
    if line.item:
        details: Body = {
            "invoice_item": shopper.chance.identifier("ii") if line.is_proration else None,
            "proration": line.is_proration,
            "proration_details": {"credited_items": None},
            "subscription": subscription,
            "subscription_item": line.item,
        }
        return {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        }
    details = {
        "invoice_item": shopper.chance.identifier("ii"),
        "proration": line.is_proration,
        "proration_details": {"credited_items": None},
        "subscription": subscription,
    }
    return {
        "invoice_item_details": details,
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def _pricing(line: Line, shopper: Shopper) -> Body | None:
    if not line.offer:
        return None
    sold = price(line.offer, shopper.currency, shopper.world.start)
    unit = sold["unit_amount_decimal"] or sub_cent(shopper.currency)
    if OFFERS[line.offer].kind in TIERS:
        unit = None
    return {
        "price_details": {"price": sold["id"], "product": sold["product"]},
        "type": "price_details",
        "unit_amount_decimal": unit,
    }
