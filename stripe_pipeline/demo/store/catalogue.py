"""The merchant's catalogue: products and their prices, in every currency of its customers."""

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.money import CURRENCIES, local_amount
from stripe_pipeline.demo.store.world import World

Body = dict[str, Any]


class Offer(NamedTuple):
    """One way to buy a product: its price in US cents, and how often it is billed."""

    key: str
    product: str
    cents: int
    interval: str | None = None  # None: bought once
    every: int = 1
    kind: str = "licensed"  # or metered, graduated, volume, packs, sub_cent
    active: bool = True


PRODUCTS = {
    "club": "Roast of the month",
    "office": "Office coffee",
    "weekbox": "Week box",
    "tasting": "Tasting set",
    "daily": "Daily roast",
    "machine": "Machine rental",
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
    Offer("office_tiers", "office", 0, "month", kind="graduated"),
    Offer("office_volume", "office", 0, "month", kind="volume"),
    Offer("weekbox", "weekbox", 700, "week"),
    Offer("tasting", "tasting", 2300, "week", 2),
    Offer("daily", "daily", 2600, "day", 10),
    Offer("machine_packs", "machine", 4500, "month", kind="packs"),
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
# How many machines are rented as a pack; a part of a pack is billed as a whole one.
PACK = 5
PLACES = {offer.key: place for place, offer in enumerate(OFFERS)}
ONE_TIME = [offer.key for offer in OFFERS if offer.interval is None and offer.active]
# The fields of a retrieved price that a price embedded in another object lacks.
HIDDEN_OF_PRICES = ("tiers", "currency_options")
NAMES = PRODUCTS | {f"origin{n}": f"Single origin: {name}" for n, name in enumerate(ORIGINS)}


def product_id(key: str) -> str:
    """Return the id of a product; ids in the catalogue are the same for every seed."""
    return f"prod_Demo{key.replace('_', '').title():x<10}"


def price_id(offer: str, currency: str) -> str:
    """Return the id of an offer's price in one currency."""
    return f"price_1Demo{offer.replace('_', '').title()}{currency.title():x<8}"


def graduated(currency: str) -> list[Body]:
    """Return graduated tiers for seats: the first five at one price, any further one cheaper."""
    return [
        _tier(5, local_amount(950, currency), local_amount(500, currency)),
        _tier(20, local_amount(800, currency), None),
        _tier(None, local_amount(650, currency), None),
    ]


def volume(currency: str) -> list[Body]:
    """Return volume tiers: one decides the price of all seats; the last has halves of a cent."""
    half = Fraction(local_amount(1225, currency), 2)
    return [
        _tier(10, local_amount(900, currency), None),
        _tier(50, local_amount(750, currency), local_amount(1000, currency)),
        _tier(None, half, None),
    ]


TIERS = {"graduated": graduated, "volume": volume}


def _tier(up_to: int | None, unit: Fraction | int, flat: int | None) -> Body:
    is_whole = unit == int(unit)
    return {
        "flat_amount": flat,
        "flat_amount_decimal": None if flat is None else str(flat),
        "unit_amount": int(unit) if is_whole else None,
        "unit_amount_decimal": str(int(unit)) if is_whole else f"{float(unit):.1f}",
        "up_to": up_to,
    }


def offer_amount(offer_key: str, quantity: int, currency: str) -> int:
    """Return what a quantity of an offer costs, in minor units."""
    offer = BY_KEY[offer_key]
    if offer.kind == "graduated":
        return _graduated_amount(graduated(currency), quantity)
    if offer.kind == "volume":
        return _volume_amount(volume(currency), quantity)
    packs = -(-quantity // PACK) if offer.kind == "packs" else quantity
    return local_amount(offer.cents, currency) * packs


def _graduated_amount(tiers: list[Body], quantity: int) -> int:
    total, below = 0, 0
    for tier in tiers:
        upper = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if upper > below:
            total += (upper - below) * tier["unit_amount"] + (tier["flat_amount"] or 0)
            below = upper
    return total


def _volume_amount(tiers: list[Body], quantity: int) -> int:
    tier = next(tier for tier in tiers if tier["up_to"] is None or quantity <= tier["up_to"])
    return int(Fraction(tier["unit_amount_decimal"]) * quantity) + (tier["flat_amount"] or 0)


@lru_cache(maxsize=2_000)
def price(offer_key: str, currency: str, start: int) -> Body:
    """Return a price object with its hidden fields; it is cached, so callers must not mutate it."""
    offer = BY_KEY[offer_key]
    body = _price_frame(offer, currency, start)
    if offer.kind in TIERS:
        tiers = TIERS[offer.kind](currency)
        body |= {"billing_scheme": "tiered", "tiers_mode": offer.kind, "tiers": tiers}
    elif offer.kind == "sub_cent":
        body["unit_amount_decimal"] = sub_cent(currency)
    else:
        amount = local_amount(offer.cents, currency)
        body |= {"unit_amount": amount, "unit_amount_decimal": str(amount)}
    return body


def embedded(body: Body) -> Body:
    """Return a price as other objects embed it: without the fields that need `expand`."""
    return {key: value for key, value in body.items() if key not in HIDDEN_OF_PRICES}


def plan_of(price: Body) -> Body:
    """Return a recurring price as the plan that subscription items hold beside it."""
    recurring = price["recurring"]
    same = ("active", "billing_scheme", "created", "currency", "id", "livemode", "metadata")
    return {
        **{name: price[name] for name in (*same, "nickname", "product", "tiers_mode")},
        "object": "plan",
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": recurring["meter"],
        "transform_usage": price["transform_quantity"],
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def sub_cent(currency: str) -> str:
    """Return a unit price of 0.35 cents, in minor units of the currency."""
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
        "transform_quantity": {"divide_by": PACK, "round": "up"} if offer.kind == "packs" else None,
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
    """Return a product object."""
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
    """Return every product, oldest first, all created on the merchant's first day."""
    return [product(key, world.start + n) for n, key in enumerate(NAMES)]


def prices(world: World) -> list[Body]:
    """Return every price; those of one offer are created in the same second."""
    return [price(offer.key, currency, world.start) for offer in OFFERS for currency in CURRENCIES]
