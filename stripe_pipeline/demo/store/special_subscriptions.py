"""Edge cases of subscriptions: every status, many items, discounts, prorations, test clocks."""

from collections.abc import Callable

from stripe_pipeline.demo.store.billing import amount_of, subscribe
from stripe_pipeline.demo.store.chance import DAY, HOUR
from stripe_pipeline.demo.store.customers import test_clock
from stripe_pipeline.demo.store.discounts import discount
from stripe_pipeline.demo.store.invoices import Bill, draft
from stripe_pipeline.demo.store.lines import Line
from stripe_pipeline.demo.store.lives import one_off_bill, one_off_invoice
from stripe_pipeline.demo.store.settlement import pay
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.subscriptions import Plan

Life = Callable[[Shopper], None]
Offers = list[tuple[str, int | None]]

CLUB: Offers = [("club_month", 1)]
YEARLY: Offers = [("club_year", 1)]
METERED: Offers = [("club_month", 1), ("refills", None), ("telemetry", None)]
TIERED: Offers = [("office_tiers", 30)]
MANY_ITEMS: Offers = [(f"origin{n}_month", 1 + n % 3) for n in range(14)]


def days_ago(shopper: Shopper, days: float) -> int:
    """Return the moment `days` days ago; the customer is created earlier if needed."""
    moment = shopper.world.now - int(days * DAY)
    shopper.created = min(shopper.created, moment - HOUR)
    return moment


def subscriber(
    status: str,
    days: float,
    offers: Offers = CLUB,
    *,
    ended: int | None = None,
    paused: int | None = None,
    trial: int = 0,
    behavior: str | None = None,
    coupon: str | None = None,
    cancels: bool = False,
) -> Life:
    """Return a life with one subscription; `days`, `ended` and `paused` are in days ago."""

    def told(shopper: Shopper) -> None:
        plan = Plan(offers, days_ago(shopper, days), status, coupon, trial, cancels=cancels)
        plan.ended = None if ended is None else shopper.world.now - ended * DAY
        plan.paused_at = None if paused is None else shopper.world.now - paused * DAY
        plan.pause_behavior = behavior
        subscribe(shopper, plan)

    return told


def downgraded(shopper: Shopper) -> None:
    """A negative invoice: the credit for a cheaper plan goes to the balance, and is used up."""
    subscribe(shopper, Plan(YEARLY, days_ago(shopper, 200), "active"))
    at = days_ago(shopper, 90)
    unused = amount_of(shopper, "club_year", 1) // 2 // 1000 * 1000
    rest = amount_of(shopper, "club_month", 1)
    lines = [
        Line("club_year", 1, -unused, at, at + 90 * DAY, is_proration=True),
        Line("club_month", 1, rest, at, at + 90 * DAY, is_proration=True),
    ]
    subscription = next(it["id"] for it in shopper.objects if it["object"] == "subscription")
    bill = Bill(at, lines, "subscription_update", subscription, taxed=False)
    pay(shopper, draft(shopper, bill))
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 30)))


def zero_decimal_odds(shopper: Shopper) -> None:
    """A subscription of thirds of a percent off, in a currency without decimals."""
    shopper.currency = "jpy"
    subscribe(shopper, Plan(CLUB, days_ago(shopper, 130), "active", "ODDPART"))


def amount_off(shopper: Shopper) -> None:
    """A discount of an amount, for a year, in the currency of the coupon."""
    shopper.currency = "usd"
    subscribe(shopper, Plan(CLUB, days_ago(shopper, 100), "active", "TWOEACH"))


def item_discounted(shopper: Shopper) -> None:
    """A discount on one of two items, given yesterday: no invoice has it yet."""
    offers: Offers = [("club_month", 2), ("office_month", 3)]
    body = subscribe(shopper, Plan(offers, days_ago(shopper, 40.5), "active"))
    item, at = body["items"]["data"][0], shopper.world.now - DAY
    owner = {"subscription": body["id"], "subscription_item": item["id"]}
    item["discounts"] = [
        shopper.keep(discount(shopper.chance, "LOYAL15", shopper.id, at, **owner))["id"]
    ]
    shopper.tell("customer.subscription.updated", at, body, previous={"items": {}})


def customer_discounted(shopper: Shopper) -> None:
    """A discount on the customer, which takes its share of every invoice."""
    at = days_ago(shopper, 70)
    shopper.discount = shopper.keep(discount(shopper.chance, "LOYAL15", shopper.id, at))
    for days in (60, 10):
        bill = one_off_bill(shopper, days_ago(shopper, days), 2, "LOYAL15")
        bill.discount = shopper.discount
        pay(shopper, draft(shopper, bill))


def on_test_clock(shopper: Shopper) -> None:
    """A test customer: it, its subscription and invoices are on a test clock."""
    shopper.test_clock = shopper.chance.identifier("clock")
    subscribe(shopper, Plan(CLUB, days_ago(shopper, 100), "active"))
    shopper.keep(test_clock(shopper, shopper.test_clock))


def deleted_customer(shopper: Shopper) -> None:
    """A customer who was deleted last week; invoices, charges and the subscription remain."""
    gone = days_ago(shopper, 6)
    plan = Plan(CLUB, days_ago(shopper, 240), "canceled", ended=gone)
    subscribe(shopper, plan)
    _delete(shopper, gone)


def long_deleted_customer(shopper: Shopper) -> None:
    """A customer deleted so long ago that there is no event of it any more."""
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 400)))
    _delete(shopper, days_ago(shopper, 90))


def _delete(shopper: Shopper, at: int) -> None:
    shopper.deleted_at = at


def lapsed(shopper: Shopper) -> None:
    """Bought twice, last time 250 days ago."""
    for days in (300, 250):
        pay(shopper, one_off_invoice(shopper, days_ago(shopper, days)))


def vip(shopper: Shopper) -> None:
    """Spends a lot, and did so last week."""
    for days in (200, 120, 60, 7):
        pay(shopper, one_off_invoice(shopper, days_ago(shopper, days), lines=8))


def newcomer(shopper: Shopper) -> None:
    """Joined this week, with a first order."""
    shopper.created = shopper.world.now - 4 * DAY
    pay(shopper, one_off_invoice(shopper, shopper.created + HOUR))


SUBSCRIPTIONS: list[Life] = [
    subscriber("active", 500),
    subscriber("active", 700, YEARLY),
    subscriber("active", 95, METERED),
    subscriber("active", 70, TIERED),
    subscriber("active", 62, MANY_ITEMS),
    subscriber("active", 120, coupon="LOYAL15"),
    subscriber("active", 45, coupon="QUARTER"),
    subscriber("active", 80, coupon="FREEMONTH"),
    subscriber("active", 80, coupon="STAFF100"),
    subscriber("active", 200, coupon="GONE50"),
    subscriber("active", 40, cancels=True),
    subscriber("active", 160, behavior="void", paused=50),
    subscriber("active", 160, behavior="keep_as_draft", paused=50),
    subscriber("active", 160, behavior="mark_uncollectible", paused=50),
    subscriber("trialing", 5, trial=14),
    subscriber("trialing", 12.5, trial=14),
    subscriber("trialing", 11.5, trial=14, cancels=True),
    subscriber("trialing", 13, trial=14, behavior="void", paused=1),
    subscriber("active", 100, trial=30),
    subscriber("past_due", 35),
    subscriber("unpaid", 130),
    subscriber("incomplete", 0.2),
    subscriber("incomplete_expired", 20, ended=19),
    subscriber("paused", 40, trial=14),
    subscriber("paused", 100, paused=12),
    subscriber("canceled", 300, ended=9),
    subscriber("canceled", 600, ended=350),
    zero_decimal_odds,
    amount_off,
    item_discounted,
    customer_discounted,
    on_test_clock,
    deleted_customer,
    long_deleted_customer,
    vip,
]
