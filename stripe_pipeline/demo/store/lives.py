"""The ordinary life of a customer: a subscription perhaps, purchases, now and then a refund."""

from typing import Any

from stripe_pipeline.demo.store.aftermath import refund
from stripe_pipeline.demo.store.billing import amount_of, subscribe
from stripe_pipeline.demo.store.catalogue import ONE_TIME
from stripe_pipeline.demo.store.chance import DAY, HOUR
from stripe_pipeline.demo.store.checkout import Basket, abandon, buy, record_signup
from stripe_pipeline.demo.store.invoices import Bill, draft
from stripe_pipeline.demo.store.lines import Line
from stripe_pipeline.demo.store.settlement import pay
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.subscriptions import Plan

Body = dict[str, Any]
Taste = tuple[tuple[str, int | None], ...]

SUBSCRIBERS = 0.6
STATUSES = {
    "active": 0.52,
    "canceled": 0.32,
    "past_due": 0.05,
    "trialing": 0.04,
    "unpaid": 0.02,
    "paused": 0.02,
    "incomplete_expired": 0.02,
    "incomplete": 0.01,
}
# Statuses that a subscription younger than two days can't have.
NEEDS_TIME = ("canceled", "past_due", "unpaid", "paused", "incomplete_expired")
SIGNED_UP = ("active", "canceled", "trialing", "past_due")
# What people subscribe to, and how often.
TASTES: dict[Taste, float] = {
    (("club_month", 1),): 0.42,
    (("club_year", 1),): 0.16,
    (("club_quarter", 1),): 0.10,
    (("office_month", 6),): 0.10,
    (("office_tiers", 12),): 0.06,
    (("club_month", 1), ("refills", None)): 0.10,
    (("office_month", 2), ("telemetry", None)): 0.04,
    (("weekbox", 1),): 0.02,
}
COUPONS = {
    None: 0.85,
    "WELCOME10": 0.05,
    "LOYAL15": 0.03,
    "QUARTER": 0.03,
    "ODDPART": 0.02,
    "GONE50": 0.02,
}
PROMOTIONS = {None: 0.5, "opt_in": 0.4, "opt_out": 0.1}
LONGEST_DAYS = {"weekbox": 200}


def ordinary(shopper: Shopper) -> None:
    """Generate the life of an ordinary customer."""
    chance = shopper.chance
    if chance.happens(SUBSCRIBERS):
        _subscription(shopper)
    for _ in range(chance.one_of({0: 0.45, 1: 0.3, 2: 0.15, 4: 0.1})):
        _purchase(shopper)
    for _ in range(chance.one_of({0: 0.85, 1: 0.1, 3: 0.05})):
        _manual_invoice(shopper)
    if chance.happens(0.1):
        abandon(shopper, basket(shopper, sometime(shopper)), chance.happens(0.7))


def sometime(shopper: Shopper, after: int = 0) -> int:
    """Return a moment since the customer joined, at least a minute ago."""
    earliest = max(after, shopper.created + 60)
    return shopper.chance.between(earliest, shopper.world.now - 90)


def basket(shopper: Shopper, at: int, is_guest: bool = False) -> Basket:
    """Return a basket of one to three products in small quantities."""
    chance = shopper.chance
    offers = [(chance.pick(ONE_TIME), chance.randint(1, 3)) for _ in range(chance.randint(1, 3))]
    asked = shopper.person.market.country == "US"
    return Basket(offers, at, chance.one_of(PROMOTIONS) if asked else None, is_guest)


def _purchase(shopper: Shopper) -> None:
    at = sometime(shopper)
    money = buy(shopper, basket(shopper, at, is_guest=shopper.chance.happens(0.12)))
    if shopper.chance.happens(0.06):
        after = shopper.chance.between(money["created"] + HOUR, money["created"] + 20 * DAY)
        part = money["amount"] if shopper.chance.happens(0.5) else amount_of(shopper, "beans", 1)
        refund(shopper, money, min(part, money["amount"]), after)


def _manual_invoice(shopper: Shopper) -> None:
    pay(shopper, one_off_invoice(shopper, sometime(shopper)))


def one_off_invoice(shopper: Shopper, at: int, lines: int = 1, coupon: str | None = None) -> Body:
    """Return a draft for products sold on account, with `lines` lines."""
    return draft(shopper, one_off_bill(shopper, at, lines, coupon))


def one_off_bill(shopper: Shopper, at: int, lines: int = 1, coupon: str | None = None) -> Bill:
    """Return a bill of `lines` random products."""
    billed = []
    for _ in range(lines):
        offer, quantity = shopper.chance.pick(ONE_TIME), shopper.chance.randint(1, 4)
        billed.append(Line(offer, quantity, amount_of(shopper, offer, quantity), at, at))
    return Bill(at, billed, coupon=coupon)


def _subscription(shopper: Shopper) -> None:
    chance, now = shopper.chance, shopper.world.now
    status = chance.one_of(STATUSES)
    taste: Taste = chance.one_of(TASTES)
    offers = list(taste)
    plan = Plan(offers, _start(shopper, offers), status, coupon=chance.one_of(COUPONS))
    plan.cancels = status == "active" and chance.happens(0.08)
    plan.by_email = offers[0][0] == "office_month" and chance.happens(0.3)
    _fit(shopper, plan, now)
    body = subscribe(shopper, plan)
    if chance.happens(0.3) and plan.status in SIGNED_UP and body["latest_invoice"]:
        first = next(thing for thing in shopper.objects if thing["object"] == "invoice")
        asked = shopper.person.market.country == "US"
        consent = chance.one_of(PROMOTIONS) if asked else None
        goods = Basket([(key, quantity or 1) for key, quantity in offers[:1]], plan.start, consent)
        goods.mode = "subscription"
        record_signup(shopper, body, first, goods)


def _start(shopper: Shopper, offers: list[tuple[str, int | None]]) -> int:
    """Return when a customer subscribes: soon after joining, for some at midnight of a first."""
    now = shopper.world.now
    earliest = max(shopper.created + 60, now - LONGEST_DAYS.get(offers[0][0], 10_000) * DAY)
    start = shopper.chance.between(earliest, min(earliest + 90 * DAY, now - 120))
    midnight = start // DAY * DAY
    return midnight if shopper.index % 4 == 0 and midnight > earliest else start


def _fit(shopper: Shopper, plan: Plan, now: int) -> None:
    """Set the dates of a plan that its status needs."""
    chance = shopper.chance
    if plan.status in NEEDS_TIME and plan.start > now - 2 * DAY:
        plan.status = "active"
    match plan.status:
        case "trialing":
            left = chance.randint(1, 14) * DAY - chance.randint(60, DAY - 60)
            plan.trial_days = 14
            plan.start = max(now + left - 14 * DAY, shopper.created + 30)
            plan.coupon = None
        case "canceled":
            plan.ended = chance.between(plan.start + DAY, now - 60)
        case "paused":
            plan.paused_at = chance.between(plan.start + HOUR, now - 60)
        case "incomplete":
            plan.start = chance.between(max(shopper.created, now - 20 * HOUR), now - 120)
        case "incomplete_expired":
            plan.ended = plan.start + 23 * HOUR
