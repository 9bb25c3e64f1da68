"""Coupons, promotion codes, and the discounts they give to invoices and subscriptions."""

from fractions import Fraction
from typing import Any, NamedTuple

from stripe_pipeline.demo.store.catalogue import product_id
from stripe_pipeline.demo.store.chance import DAY, Chance
from stripe_pipeline.demo.store.money import CURRENCIES, local_amount, part_of
from stripe_pipeline.demo.store.world import World, add_months

Body = dict[str, Any]


class Offered(NamedTuple):
    """A coupon as the merchant set it up; amounts are in US cents."""

    key: str
    name: str | None
    duration: str
    percent: float | None = None
    cents: int | None = None
    months: int | None = None
    products: tuple[str, ...] = ()
    valid: bool = True
    code: str | None = None  # the promotion code that customers type
    is_deleted: bool = False
    is_everywhere: bool = False  # an amount in every currency, not in dollars alone


COUPONS = (
    Offered("WELCOME10", "Welcome", "once", percent=10, code="WELCOME"),
    Offered("FIVEOFF", "Five off", "once", cents=500, code="FIVE"),
    Offered("LOYAL15", "Loyal friends", "forever", percent=15, code="LOYAL"),
    Offered("QUARTER", "Three cheaper months", "repeating", percent=25, months=3, code="QUARTER"),
    Offered("TWOEACH", None, "repeating", cents=200, months=12),
    Offered("THREEOFF", "Three off", "forever", cents=300, is_everywhere=True),
    Offered("CLUBFRIEND", "Club friends", "forever", percent=20, products=("club",)),
    Offered("FREEMONTH", "First one free", "once", percent=100, code="FREE"),
    Offered("STAFF100", "Staff", "forever", percent=100),
    Offered("ODDPART", "A third and a bit", "once", percent=33.33, code="THIRD"),
    Offered("CLUBONLY", "Club only", "once", percent=20, products=("club",), code="CLUB20"),
    Offered("SUMMER22", "Summer", "once", percent=30, valid=False, code="SUMMER"),
    Offered("GONE50", "Deleted since", "forever", percent=50, is_deleted=True),
)
BY_KEY = {coupon.key: coupon for coupon in COUPONS}


def coupons(world: World) -> list[Body]:
    """Return every coupon that wasn't deleted, with the fields that need `expand`."""
    live = [offered for offered in COUPONS if not offered.is_deleted]
    return [_coupon(offered, world, n) for n, offered in enumerate(live)]


def _coupon(offered: Offered, world: World, place: int) -> Body:
    body: Body = {
        "id": offered.key,
        "object": "coupon",
        "amount_off": offered.cents,
        "created": world.start + place * DAY,
        "currency": "usd" if offered.cents else None,
        "duration": offered.duration,
        "duration_in_months": offered.months,
        "livemode": False,
        "max_redemptions": None if offered.valid else 100,
        "metadata": {},
        "name": offered.name,
        "percent_off": offered.percent,
        "redeem_by": None if offered.valid else world.start + 400 * DAY,
        "times_redeemed": world.customers // (place + 2) if offered.valid else 100,
        "valid": offered.valid,
    }
    if offered.products:
        body["applies_to"] = {"products": [product_id(key) for key in offered.products]}
    if offered.is_everywhere:
        body["currency_options"] = {
            currency: {"amount_off": local_amount(offered.cents or 0, currency)}
            for currency in CURRENCIES
        }
    return body


def promotion_codes(world: World) -> list[Body]:
    """Return every promotion code: one for each coupon with a code, and an inactive one."""
    named = [offered for offered in COUPONS if offered.code]
    codes = [_promotion_code(offered, str(offered.code), world) for offered in named]
    return [*codes, _promotion_code(named[0], "WELCOME2023", world) | {"active": False}]


def promotion_code_id(code: str) -> str:
    """Return the id of a promotion code; the same for every seed."""
    return f"promo_1Demo{code.title():x<14}"


def _promotion_code(offered: Offered, code: str, world: World) -> Body:
    return {
        "id": promotion_code_id(code),
        "object": "promotion_code",
        "active": offered.valid,
        "code": code,
        "created": world.start + 20 * DAY,
        "customer": None,
        "customer_account": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": offered.key, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": offered.key == "WELCOME10",
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": world.customers // 20,
    }


def discount(chance: Chance, coupon: str, customer: str | None, start: int, **owner: Any) -> Body:
    """Return a coupon's discount; `owner` names its subscription, invoice or checkout_session."""
    offered = BY_KEY[coupon]
    return {
        "id": chance.identifier("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": customer,
        "customer_account": None,
        "end": add_months(start, offered.months) if offered.months else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": promotion_code_id(offered.code) if offered.code else None,
        "source": {"coupon": coupon, "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
    } | owner


def products_of(coupon: str) -> tuple[str, ...]:
    """Return the products that a coupon applies to; empty where it applies to all."""
    return BY_KEY[coupon].products


def money_off(coupon: str, amount: int, currency: str) -> int:
    """Return what a coupon takes off an amount, at most all of it."""
    offered = BY_KEY[coupon]
    if offered.percent is not None:
        return part_of(amount, Fraction(str(offered.percent)) / 100, currency)
    return min(amount, local_amount(offered.cents or 0, currency))
