"""Run a subscription through its periods, with an invoice for each, paid or not."""

from typing import Any

from stripe_pipeline.demo.store.catalogue import BY_KEY as OFFERS
from stripe_pipeline.demo.store.catalogue import offer_amount, price
from stripe_pipeline.demo.store.chance import DAY, HOUR
from stripe_pipeline.demo.store.invoices import Bill, draft
from stripe_pipeline.demo.store.lines import Line
from stripe_pipeline.demo.store.settlement import (
    fail,
    leave_open,
    pay,
    pay_outside,
    void,
    write_off,
)
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.subscriptions import (
    Plan,
    grant,
    in_force,
    periods,
    subscription,
)

Body = dict[str, Any]

# The number of unpaid invoices at the end, by the subscription's status.
UNPAID_AT_END = {"past_due": 1, "unpaid": 2, "incomplete": 1}


def subscribe(shopper: Shopper, plan: Plan) -> Body:
    """Let a customer subscribe and bill every period until today; return the subscription."""
    body = subscription(shopper, plan)
    given = grant(shopper, plan, body)
    invoices = []
    if plan.trial_days:
        invoices.append(_trial_invoice(shopper, plan, body))
    stop = min(plan.ended or shopper.world.now, shopper.world.now)
    if plan.status == "paused":
        stop = min(stop, plan.paused_at or plan.anchor)
    due = periods(plan, stop)
    for number, period in enumerate(due):
        invoice = _period_invoice(shopper, plan, body, given, period, number)
        _settle(shopper, plan, invoice, len(due) - number)
        invoices.append(invoice)
    body["latest_invoice"] = invoices[-1]["id"] if invoices else None
    _tell(shopper, plan, body)
    return body


def _trial_invoice(shopper: Shopper, plan: Plan, body: Body) -> Body:
    """Return the invoice of 0 at a trial's start, which Stripe creates and marks as paid."""
    lines = [
        Line(offer, quantity or 1, 0, plan.start, plan.anchor, item["id"], text="Free trial")
        for (offer, quantity), item in zip(plan.offers, body["items"]["data"], strict=True)
    ]
    bill = Bill(plan.start, lines, "subscription_create", body["id"])
    invoice = draft(shopper, bill)
    pay(shopper, invoice)
    return invoice


def _period_invoice(
    shopper: Shopper,
    plan: Plan,
    body: Body,
    given: Body | None,
    period: tuple[int, int],
    number: int,
) -> Body:
    first = number == 0 and not plan.trial_days
    lines = [
        line
        for offer, item in zip(plan.offers, body["items"]["data"], strict=True)
        for line in _lines(shopper, offer, item["id"], period, first)
    ]
    lives = given is not None and in_force(given, plan, period[0])
    bill = Bill(
        period[0],
        lines,
        "subscription_create" if first else "subscription_cycle",
        body["id"],
        plan.coupon if lives else None,
        given if lives else None,
        by_email=plan.by_email,
        metadata=body["metadata"],
    )
    return draft(shopper, bill)


def _lines(
    shopper: Shopper,
    offer: tuple[str, int | None],
    item: str,
    period: tuple[int, int],
    first: bool,
) -> list[Line]:
    key, quantity = offer
    if OFFERS[key].kind in ("metered", "sub_cent"):
        return [] if first else [_usage(shopper, key, item, period)]
    amount = amount_of(shopper, key, quantity or 1)
    line = Line(key, quantity, amount, *period, item=item)
    if first or not shopper.chance.happens(0.04):
        return [line]
    return [*_upgrade(amount, key, item, period), line]


def _usage(shopper: Shopper, key: str, item: str, period: tuple[int, int]) -> Line:
    """Return the line of the previous period's usage, which has no quantity."""
    unit = price("mug", shopper.currency, shopper.world.start)["unit_amount"]
    amount = unit * shopper.chance.randint(0, 5)
    return Line(key, None, amount, period[0] - 30 * DAY, period[0], item=item)


def _upgrade(amount: int, key: str, item: str, period: tuple[int, int]) -> list[Line]:
    """Return the two prorations of a change of plan in the previous period."""
    middle = period[0] - 10 * DAY
    unused = Line(key, 1, -amount, middle, period[0], item=item, is_proration=True)
    rest = Line(key, 2, 2 * amount, middle, period[0], item=item, is_proration=True)
    return [unused, rest]


def amount_of(shopper: Shopper, key: str, quantity: int) -> int:
    """Return what a quantity of an offer costs in the customer's currency."""
    return offer_amount(key, quantity, shopper.currency)


def _settle(shopper: Shopper, plan: Plan, invoice: Body, left: int) -> None:
    """Settle an invoice; `left` is the number of remaining invoices, this one included."""
    at, has_credit = invoice["created"], shopper.balance < 0
    if plan.status == "incomplete_expired":
        void(shopper, invoice, at + 23 * HOUR)
    elif plan.pause_behavior and at >= (plan.paused_at or 0):
        _while_paused(shopper, plan.pause_behavior, invoice)
    elif left <= UNPAID_AT_END.get(plan.status, 0) and not has_credit and invoice["total"] > 0:
        fail(shopper, invoice, 4 if plan.status == "unpaid" else 2)
        shopper.is_delinquent = True
    elif has_credit or invoice["total"] <= 0:
        pay(shopper, invoice)
    else:
        _ordinary_end(shopper, plan, invoice, at)


def _while_paused(shopper: Shopper, behavior: str, invoice: Body) -> None:
    if behavior == "void":
        void(shopper, invoice, invoice["created"] + HOUR)
    elif behavior == "mark_uncollectible":
        write_off(shopper, invoice, invoice["created"] + HOUR, "subscription_paused")


def _ordinary_end(shopper: Shopper, plan: Plan, invoice: Body, at: int) -> None:
    chance, now = shopper.chance, shopper.world.now
    settled = chance.one_of({"paid": 0.93, "late": 0.04, "written_off": 0.02, "void": 0.01})
    if plan.by_email and at > now - 20 * DAY:
        leave_open(shopper, invoice)
    elif plan.by_email:
        pay_outside(shopper, invoice, at + 12 * DAY, recorded=chance.happens(0.5))
    elif settled == "written_off" and at < now - 10 * DAY:
        write_off(shopper, invoice, at + 9 * DAY)
    elif settled == "void":
        void(shopper, invoice, at + DAY)
    else:
        late = chance.randint(1, 5) * DAY if settled == "late" else 0
        pay(shopper, invoice, at + HOUR + late)


def _tell(shopper: Shopper, plan: Plan, body: Body) -> None:
    """Record the events of a subscription's life."""
    begun = "trialing" if plan.trial_days else "active"
    shopper.tell("customer.subscription.created", plan.start, body, {"status": begun})
    if plan.status == "past_due":
        _updated(shopper, body, shopper.world.now - 2 * HOUR, {"status": "active"})
    elif plan.status == "trialing" and plan.anchor - 3 * DAY < shopper.world.now:
        shopper.tell("customer.subscription.trial_will_end", plan.anchor - 3 * DAY, body)
    elif plan.status == "canceled" and plan.ended:
        _updated(shopper, body, plan.ended - HOUR, {"cancel_at_period_end": False})
        shopper.tell("customer.subscription.deleted", plan.ended, body)
    elif plan.status == "paused":
        shopper.tell("customer.subscription.paused", plan.paused_at or plan.anchor, body)
    elif plan.pause_behavior and plan.paused_at:
        _updated(shopper, body, plan.paused_at, {"pause_collection": None})
    start = body["items"]["data"][0]["current_period_start"]
    if body["status"] == "active" and start > plan.start:
        _updated(shopper, body, start, {"latest_invoice": None})


def _updated(shopper: Shopper, body: Body, at: int, previous: Body) -> None:
    shopper.tell("customer.subscription.updated", at, body, previous=previous)
