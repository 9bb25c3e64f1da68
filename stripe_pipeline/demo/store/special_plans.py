"""Edge cases of prices and discounts: tiers, packs, odd intervals, coupons on items or products."""

from typing import Any

from stripe_pipeline.demo.store.billing import subscribe
from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.discounts import discount
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.special_subscriptions import (
    Life,
    Offers,
    days_ago,
    subscriber,
)
from stripe_pipeline.demo.store.subscriptions import Plan

Body = dict[str, Any]

WEEKLY: Offers = [("weekbox", 2)]
FORTNIGHTLY: Offers = [("tasting", 1)]
TEN_DAYS: Offers = [("daily", 3)]
QUARTERLY: Offers = [("club_quarter", 1)]
VOLUME: Offers = [("office_volume", 60)]
PACKS: Offers = [("machine_packs", 12)]
OFFICE: Offers = [("club_month", 2), ("office_tiers", 8), ("machine_packs", 6)]


def in_euros(shopper: Shopper) -> None:
    """An amount off for ever, in another currency than the coupon's own."""
    shopper.currency = "eur"
    subscribe(shopper, Plan(QUARTERLY, days_ago(shopper, 190), "active", "THREEOFF"))


def discounted_twice(shopper: Shopper) -> None:
    """An amount off one item and a part off the whole, both given yesterday."""
    body = subscribe(shopper, Plan(OFFICE, days_ago(shopper, 75.5), "active"))
    item = body["items"]["data"][1]
    _give(shopper, body, "THREEOFF", item)
    _give(shopper, body, "LOYAL15")


def discounted_once(shopper: Shopper) -> None:
    """A discount for the next invoice only: the months after it cost what they did."""
    body = subscribe(shopper, Plan(WEEKLY, days_ago(shopper, 24.5), "active"))
    _give(shopper, body, "WELCOME10")


def _give(shopper: Shopper, body: Body, coupon: str, item: Body | None = None) -> None:
    """Give a subscription, or one of its items, a discount that no invoice has had yet."""
    at = shopper.world.now - DAY
    owner = {"subscription": body["id"]} | ({"subscription_item": item["id"]} if item else {})
    given = shopper.keep(discount(shopper.chance, coupon, shopper.id, at, **owner))
    (item or body)["discounts"] = [given["id"]]
    previous: Body = {"items": {}} if item else {"discounts": []}
    shopper.tell("customer.subscription.updated", at, body, previous=previous)


PLANS: list[Life] = [
    subscriber("active", 66, WEEKLY),
    subscriber("active", 88, FORTNIGHTLY),
    subscriber("active", 51, TEN_DAYS),
    subscriber("active", 210, QUARTERLY),
    subscriber("past_due", 400, [("club_year", 2)]),
    subscriber("active", 130, VOLUME),
    subscriber("active", 75, PACKS),
    subscriber("active", 100, OFFICE, coupon="CLUBFRIEND"),
    subscriber("active", 170, coupon="QUARTER"),
    in_euros,
    discounted_twice,
    discounted_once,
]
