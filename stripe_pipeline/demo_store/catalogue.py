"""What the merchant sells: products and their prices, in every currency of its customers."""

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from stripe_pipeline.demo_store.chance import DAY
from stripe_pipeline.demo_store.money import CURRENCIES, local_amount
from stripe_pipeline.demo_store.world import World

Body = dict[str, Any]


class Offer(NamedTuple):
    """One way to buy a product: its price in US cents, and how often it is billed."""

    key: str
    product: str
    cents: int
    interval: str | None = None  # None: bought once
    every: int = 1
    kind: str = "licensed"  # or metered, tiered, sub_cent
    active: bool = True


PRODUCTS = {
    "club": "Roast of the month",
    "office": "Office coffee",
    "weekbox": "Week box",
    "telemetry": "Brew telemetry",
    "refills": "Extra refills",
    "grinder": "Hand grinder",
    "kettle": "Gooseneck kettle",
    "beans": "Bag of beans",
    "mug": "Mug ☕",
    "course": "Latte art course",
    "samovar": "Samovar (no longer made)",
}
ORIGINS = (
    "Brazil", "Burundi", "Colombia", "Costa Rica", "El Salvador", "Ethiopia", "Guatemala",
    "Honduras", "India", "Kenya", "Mexico", "Peru", "Rwanda", "Sumatra", "Tanzania", "Yemen",
)  # fmt: skip

OFFERS = (
    Offer("club_month", "club", 1800, "month"),
    Offer("club_year", "club", 18000, "year"),
    Offer("club_quarter", "club", 5100, "month", 3),
    Offer("club_old", "club", 1500, "month", active=False),
    Offer("office_month", "office", 950, "month"),
    Offer("office_tiers", "office", 0, "month", kind="tiered"),
    Offer("weekbox", "weekbox", 700, "week"),
    Offer("refills", "refills", 400, "month", kind="metered"),
    Offer("telemetry", "telemetry", 0, "month", kind="sub_cent"),
    Offer("grinder", "grinder", 12900),
    Offer("kettle", "kettle", 7900),
    Offer("beans", "beans", 1400),
    Offer("mug", "mug", 1200),
    Offer("course", "course", 4900),
    Offer("samovar", "samovar", 24900, active=False),
    *(Offer(f"origin{n}_month", f"origin{n}", 900 + 50 * n, "month") for n in range(len(ORIGINS))),
    *(Offer(f"origin{n}_once", f"origin{n}", 1000 + 50 * n) for n in range(len(ORIGINS))),
)
BY_KEY = {offer.key: offer for offer in OFFERS}
PLACES = {offer.key: place for place, offer in enumerate(OFFERS)}
ONE_TIME = [offer.key for offer in OFFERS if offer.interval is None and offer.active]
# What a price that another object embeds lacks, as Stripe gives it where it is asked for alone.
HIDDEN_OF_PRICES = ("tiers", "currency_options")
NAMES = PRODUCTS | {f"origin{n}": f"Single origin: {name}" for n, name in enumerate(ORIGINS)}


def product_id(key: str) -> str:
    """The id of a product; ids in the catalogue are the same for every seed."""
    return f"prod_Demo{key.replace('_', '').title():x<10}"


def price_id(offer: str, currency: str) -> str:
    """The id of an offer's price in one currency."""
    return f"price_1Demo{offer.replace('_', '').title()}{currency.title():x<8}"


def tiers(currency: str) -> list[Body]:
    """Graduated tiers for seats: the first five at one price, any further one cheaper."""
    return [
        _tier(5, local_amount(950, currency), local_amount(500, currency)),
        _tier(20, local_amount(800, currency), None),
        _tier(None, local_amount(650, currency), None),
    ]


def _tier(up_to: int | None, unit: int, flat: int | None) -> Body:
    return {
        "flat_amount": flat,
        "flat_amount_decimal": None if flat is None else str(flat),
        "unit_amount": unit,
        "unit_amount_decimal": str(unit),
        "up_to": up_to,
    }


def tiered_amount(quantity: int, currency: str) -> int:
    """What a quantity costs in the graduated tiers."""
    total, below = 0, 0
    for tier in tiers(currency):
        upper = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if upper > below:
            total += (upper - below) * tier["unit_amount"] + (tier["flat_amount"] or 0)
            below = upper
    return total


@lru_cache(maxsize=2_000)
def price(offer_key: str, currency: str, start: int) -> Body:
    """One price object, hidden fields included; shared, so never to be changed."""
    offer = BY_KEY[offer_key]
    body = _price_frame(offer, currency, start)
    if offer.kind == "tiered":
        body |= {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers(currency)}
    elif offer.kind == "sub_cent":
        body["unit_amount_decimal"] = sub_cent(currency)
    else:
        amount = local_amount(offer.cents, currency)
        body |= {"unit_amount": amount, "unit_amount_decimal": str(amount)}
    return body


def sub_cent(currency: str) -> str:
    """A unit price of 0.35 cents, in minor units of the currency."""
    minor = Fraction(35, 10_000) * CURRENCIES[currency].per_dollar
    return f"{float(minor * 10 ** CURRENCIES[currency].exponent):.6f}".rstrip("0").rstrip(".")


def _price_frame(offer: Offer, currency: str, start: int) -> Body:
    return {
        "id": price_id(offer.key, currency),
        "object": "price",
        "active": offer.active,
        "billing_scheme": "per_unit",
        "created": start + PLACES[offer.key],
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": f"{offer.key}_{currency}",
        "metadata": {},
        "nickname": None,
        "product": product_id(offer.product),
        "recurring": _recurring(offer),
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time" if offer.interval is None else "recurring",
        "unit_amount": None,
        "unit_amount_decimal": None,
    }


def _recurring(offer: Offer) -> Body | None:
    if offer.interval is None:
        return None
    metered = offer.kind in ("metered", "sub_cent")
    return {
        "interval": offer.interval,
        "interval_count": offer.every,
        "meter": f"mtr_test_61Demo{offer.key.title()}" if metered else None,
        "trial_period_days": None,
        "usage_type": "metered" if metered else "licensed",
    }


def product(key: str, start: int) -> Body:
    """One product object."""
    offer = next(offer for offer in OFFERS if offer.product == key)
    return {
        "id": product_id(key),
        "object": "product",
        "active": offer.active,
        "created": start,
        "default_price": price_id(offer.key, "usd"),
        "description": f"{NAMES[key]}, roasted to order.",
        "images": [f"https://images.example/{key}.jpg"],
        "livemode": False,
        "marketing_features": [{"name": "Freshly roasted"}] if key == "club" else [],
        "metadata": {"sku": key.upper()},
        "name": NAMES[key],
        "package_dimensions": None,
        "shippable": offer.interval is None,
        "statement_descriptor": None,
        "tax_code": "txcd_40060003",
        "type": "service",
        "unit_label": "seat" if key == "office" else None,
        "updated": start + 30 * DAY,
        "url": None,
    }


def products(world: World) -> list[Body]:
    """Every product, oldest first, all created on the merchant's first day."""
    return [product(key, world.start + n) for n, key in enumerate(NAMES)]


def prices(world: World) -> list[Body]:
    """Every price; those of one offer are created in the same second."""
    return [price(offer.key, currency, world.start) for offer in OFFERS for currency in CURRENCIES]
