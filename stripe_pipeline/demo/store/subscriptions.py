"""Subscription objects; billing.py runs them through their periods."""

from dataclasses import dataclass
from typing import Any

from stripe_pipeline.demo.store.catalogue import BY_KEY as OFFERS
from stripe_pipeline.demo.store.catalogue import Offer, embedded, plan_of, price
from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.discounts import BY_KEY as COUPONS
from stripe_pipeline.demo.store.discounts import discount
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.world import advance

Body = dict[str, Any]


@dataclass
class Plan:
    """A customer's subscription: its offers, its start, and its status today.

    `offers` are (offer, quantity) pairs, the quantity None for a metered one; all are billed in
    the same interval. `ended` is when it was cancelled; `paused_at` when collection or the
    subscription itself was paused.
    """

    offers: list[tuple[str, int | None]]
    start: int
    status: str = "active"
    coupon: str | None = None
    trial_days: int = 0
    ended: int | None = None
    paused_at: int | None = None
    pause_behavior: str | None = None
    cancels: bool = False
    by_email: bool = False

    @property
    def rhythm(self) -> Offer:
        """The offer whose interval sets the billing period."""
        return OFFERS[self.offers[0][0]]

    @property
    def anchor(self) -> int:
        """The start of the first paid period."""
        return self.start + self.trial_days * DAY

    def boundary(self, number: int) -> int:
        """Return the start of a paid period, numbered from 0."""
        return advance(self.anchor, self.rhythm.interval or "month", self.rhythm.every * number)


def periods(plan: Plan, until: int) -> list[tuple[int, int]]:
    """Return the paid periods that began before `until`, as (start, end)."""
    found, number = [], 0
    while (start := plan.boundary(number)) < until:
        found.append((start, plan.boundary(number + 1)))
        number += 1
    return found


def subscription(shopper: Shopper, plan: Plan) -> Body:
    """Return the subscription as it is today, added to the customer's life."""
    identifier = shopper.chance.identifier("sub")
    period = _current_period(plan, shopper.world.now)
    body = _frame(shopper, plan, identifier, period)
    items = [_item(shopper, plan, offer, identifier, period) for offer in plan.offers]
    body["items"] = {
        "object": "list",
        "data": items,
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={identifier}",
    }
    body |= _ending(plan, period) | _pausing(plan, shopper.world.now)
    shopper.bought = True
    return shopper.keep(body)


def grant(shopper: Shopper, plan: Plan, body: Body) -> Body | None:
    """Return the subscription's discount, which it lists while it is in force."""
    if not plan.coupon:
        return None
    given = discount(shopper.chance, plan.coupon, shopper.id, plan.start, subscription=body["id"])
    shopper.keep(given)
    last = plan.ended or shopper.world.now
    if in_force(given, plan, last):
        body["discounts"] = [given["id"]]
    return given


def in_force(given: Body, plan: Plan, at: int) -> bool:
    """Return whether a subscription's discount applies to what is billed at this moment."""
    if COUPONS[given["source"]["coupon"]].duration == "once":
        return at <= plan.anchor
    return given["end"] is None or at < given["end"]


def _current_period(plan: Plan, now: int) -> tuple[int, int]:
    stop = min(plan.ended or now, now)
    if plan.status == "paused" and plan.paused_at:
        stop = min(stop, plan.paused_at)
    running = periods(plan, stop)
    return running[-1] if running else (plan.start, max(plan.anchor, plan.start + DAY))


def _item(
    shopper: Shopper,
    plan: Plan,
    offer: tuple[str, int | None],
    identifier: str,
    period: tuple[int, int],
) -> Body:
    key, quantity = offer
    held = embedded(price(key, shopper.currency, shopper.world.start))
    body: Body = {
        "id": shopper.chance.identifier("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": plan.start,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "plan": plan_of(held),
        "price": held,
        "quantity": quantity,
        "subscription": identifier,
        "tax_rates": [],
    }
    if quantity is None:
        del body["quantity"]
    return body


def _ending(plan: Plan, period: tuple[int, int]) -> Body:
    if plan.status == "canceled" and plan.ended:
        return {
            "canceled_at": plan.ended - 3600,
            "ended_at": plan.ended,
            "cancellation_details": _cancellation("too_expensive"),
        }
    if plan.status == "incomplete_expired":
        return {"ended_at": plan.start + 23 * 3600}
    if plan.cancels:
        return {
            # With flexible billing, a date alone may end a subscription.
            "cancel_at_period_end": plan.start % 2 == 0,
            "cancel_at": period[1],
            "canceled_at": period[0] + 60,
            "cancellation_details": _cancellation("unused"),
        }
    return {}


def _cancellation(feedback: str | None) -> Body:
    reason = "cancellation_requested" if feedback else None
    return {"comment": None, "feedback": feedback, "reason": reason}


def _pausing(plan: Plan, now: int) -> Body:
    if plan.status == "paused":
        why = "trial_end_without_payment_method" if plan.trial_days else "pause_requested"
        paused = {
            "subscription": {"type": why},
            "transitioned_at": plan.paused_at or plan.anchor,
            "type": "subscription",
        }
        return {"status_details": {"paused": paused}}
    if plan.pause_behavior:
        resumes = now + 20 * DAY if plan.pause_behavior == "void" else None
        return {"pause_collection": {"behavior": plan.pause_behavior, "resumes_at": resumes}}
    return {}


def _frame(shopper: Shopper, plan: Plan, identifier: str, period: tuple[int, int]) -> Body:
    return {
        "id": identifier,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": True, "liability": {"type": "self"}},
        "billing_cycle_anchor": plan.anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": _cancellation(None),
        "collection_method": "send_invoice" if plan.by_email else "charge_automatically",
        "created": plan.start,
        "currency": shopper.currency,
        "customer": shopper.id,
        "customer_account": None,
        "days_until_due": 30 if plan.by_email else None,
        "default_payment_method": f"pm_1{shopper.id[4:]}",
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {},
        "latest_invoice": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {"channel": "web"} if shopper.index % 2 else {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": plan.start,
        "status": plan.status,
        "status_details": None,
        "test_clock": shopper.test_clock,
        "transfer_data": None,
        "trial_end": plan.anchor if plan.trial_days else None,
        "trial_settings": {
            "end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "pause"}
        },
        "trial_start": plan.start if plan.trial_days else None,
    }
