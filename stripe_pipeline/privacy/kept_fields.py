"""Allowlist of fields kept for erased customers: ids, amounts, dates, statuses and links.

Orders, sales totals and the ledger are computed from them. Every other field is removed, known or
not: names, addresses, descriptions, metadata, evidence, URLs, cards, and whatever Stripe may add.

A shape mirrors the object: True keeps a value, or of an expanded object its id; a shape in a list
is that of each entry. Kept values stay the same byte for byte, so cleaning is idempotent, and the
same object re-read is equal.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Shape = Any  # True, a mapping of names to shapes, a list of one shape, or Each


class Each(dict[str, Any]):
    """The shape of every value of a map whose keys are data, such as currencies."""


def _fields(names: str, **nested: Shape) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), True) | nested


def _list_of(shape: Shape) -> dict[str, Shape]:
    return _fields("object has_more", data=[shape])


_COMMON = "id object created livemode deleted customer customer_account currency status test_clock "
_TIERS = [_fields("up_to flat_amount flat_amount_decimal unit_amount unit_amount_decimal")]
_PRICE = _fields(
    _COMMON + "active billing_scheme nickname product tiers_mode type unit_amount "
    "unit_amount_decimal",
    recurring=_fields("interval interval_count usage_type meter"),
    tiers=_TIERS,
    transform_quantity=_fields("divide_by round"),
    currency_options=Each(_fields("unit_amount unit_amount_decimal", tiers=_TIERS)),
)
_PLAN = _fields(
    _COMMON + "amount amount_decimal billing_scheme interval interval_count nickname product "
    "tiers_mode usage_type",
    tiers=_TIERS,
    transform_usage=_fields("divide_by round"),
)
_COUPON = _fields(
    _COMMON + "amount_off duration duration_in_months percent_off",
    applies_to={"products": [True]},
    currency_options=Each(_fields("amount_off")),
)
_DISCOUNT = _fields(
    _COMMON + "start end promotion_code subscription subscription_item invoice invoice_item "
    "checkout_session",
    coupon=_COUPON,
    source=_fields("type", coupon=_COUPON),
)
_TAX = _fields("amount inclusive tax_behavior")
_PARENT = _fields("proration subscription subscription_item invoice_item")
_LINE = _fields(
    _COMMON + "amount quantity quantity_decimal proration subscription subscription_item invoice "
    "invoice_item type subtotal",
    discounts=[_DISCOUNT],
    discount_amounts=[_fields("amount discount")],
    taxes=[_TAX],
    tax_amounts=[_TAX],
    period=_fields("start end"),
    price=_PRICE,
    plan=_PLAN,
    pricing=_fields("type unit_amount_decimal", price_details=_fields("price product")),
    parent=_fields("type", invoice_item_details=_PARENT, subscription_item_details=_PARENT),
)
_ITEM = _fields(
    _COMMON + "quantity current_period_start current_period_end subscription",
    price=_PRICE,
    plan=_PLAN,
    discounts=[_DISCOUNT],
)
_CUSTOMER = _fields("id object created livemode deleted test_clock")
_PROMOTION_CODE = _fields(
    _COMMON + "active expires_at", coupon=_COUPON, promotion=_fields("type", coupon=_COUPON)
)
_SUBSCRIPTION = _fields(
    _COMMON + "billing_cycle_anchor cancel_at cancel_at_period_end canceled_at collection_method "
    "current_period_start current_period_end ended_at latest_invoice quantity start start_date "
    "trial_start trial_end",
    discount=_DISCOUNT,
    discounts=[_DISCOUNT],
    items=_list_of(_ITEM),
    cancellation_details=_fields("feedback reason"),
    pause_collection=_fields("behavior resumes_at"),
    plan=_PLAN,
)
_INVOICE = _fields(
    _COMMON + "amount_due amount_overpaid amount_paid amount_paid_off_stripe amount_remaining "
    "amount_shipping billing_reason charge collection_method date due_date effective_at "
    "ending_balance paid paid_out_of_band payment_intent period_start period_end "
    "post_payment_credit_notes_amount pre_payment_credit_notes_amount starting_balance "
    "subscription subtotal subtotal_excluding_tax tax total total_excluding_tax",
    discount=_DISCOUNT,
    discounts=[_DISCOUNT],
    lines=_list_of(_LINE),
    parent=_fields("type", subscription_details=_fields("subscription")),
    status_transitions=_fields("finalized_at marked_uncollectible_at paid_at voided_at"),
    shipping_cost=_fields("amount_subtotal amount_tax amount_total"),
    total_discount_amounts=[_fields("amount discount")],
    total_pretax_credit_amounts=[_fields("amount type")],
    total_taxes=[_TAX],
    total_tax_amounts=[_TAX],
)
_INVOICE_PAYMENT = _fields(
    _COMMON + "amount_paid amount_requested invoice is_default",
    payment=_fields("type charge payment_intent payment_record"),
    status_transitions=_fields("canceled_at paid_at"),
)
_CHARGE = _fields(
    _COMMON
    + "amount amount_captured amount_refunded captured dispute disputed failure_code invoice "
    "paid payment_intent refunded",
    outcome=_fields("type reason"),
)
_REFUND = _fields(_COMMON + "amount charge payment_intent")
_DISPUTE = _fields(_COMMON + "amount charge payment_intent is_charge_refundable")
_CREDIT_NOTE = _fields(
    _COMMON + "amount amount_shipping customer_balance_transaction discount_amount effective_at "
    "invoice out_of_band_amount post_payment_amount pre_payment_amount refund subtotal "
    "subtotal_excluding_tax total total_excluding_tax type voided_at",
    lines=_list_of(_fields("id object livemode amount quantity invoice_line_item type")),
    refunds=[_fields("amount_refunded refund type")],
)
_CHECKOUT_SESSION = _fields(
    _COMMON + "amount_subtotal amount_total expires_at invoice mode payment_intent payment_link "
    "payment_status recovered_from subscription",
    discounts=[_fields("coupon promotion_code")],
    shipping_cost=_fields("amount_subtotal amount_tax amount_total"),
    total_details=_fields("amount_discount amount_shipping amount_tax"),
    line_items=_list_of(
        _fields(
            "id object amount_discount amount_subtotal amount_tax amount_total currency quantity",
            price=_PRICE,
        )
    ),
)
# An event's own copy of an object isn't used; only the ids in it are.
_EVENT = _fields(
    _COMMON + "api_version type",
    data={
        "object": _fields("id object customer charge invoice payment_intent refund subscription")
    },
)

SHAPES: Mapping[str, Shape] = {
    "customers": _CUSTOMER,
    "promotion_codes": _PROMOTION_CODE,
    "subscriptions": _SUBSCRIPTION,
    "invoices": _INVOICE,
    "invoice_payments": _INVOICE_PAYMENT,
    "charges": _CHARGE,
    "refunds": _REFUND,
    "credit_notes": _CREDIT_NOTE,
    "disputes": _DISPUTE,
    "checkout_sessions": _CHECKOUT_SESSION,
    "events": _EVENT,
}

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def cleaned(resource: str, body: bytes) -> bytes:
    """Return the body with only the kept fields of the resource."""
    return _kept(body, SHAPES[resource])


def _kept(raw: bytes, shape: Shape) -> bytes:
    first = raw.lstrip()[:1]
    if first == b"{":
        return _object(raw, shape)
    if first == b"[":
        entry = shape[0] if isinstance(shape, list) else True
        return b"[" + b",".join(_kept(bytes(each), entry) for each in _LIST.decode(raw)) + b"]"
    return raw


def _object(raw: bytes, shape: Shape) -> bytes:
    if isinstance(shape, list):  # one entry in the place of a list
        shape = shape[0]
    if not isinstance(shape, dict):
        shape = {"id": True}
    found = _OBJECT.decode(raw)
    inner = {each: dict(shape) for each in found} if isinstance(shape, Each) else shape
    kept = {
        name: msgspec.Raw(_kept(bytes(value), inner[name]))
        for name, value in found.items()
        if name in inner
    }
    return msgspec.json.encode(kept)
