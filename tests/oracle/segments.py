"""Who is in which segment at the as-of instant, and the values that decide; thresholds as shipped.

A rule gives these values for a member, and None for anyone else.
"""

import calendar
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from .coupons import Coupons
from .objects import Body, Objects, id_of
from .profiles import Customer, Row, grouped, is_collection_paused
from .question import Question, instant

Rule = Callable[[Customer, Row, Question], Row | None]

VIP_MINIMUM_SALES_MAJOR = Decimal(500)
RUNNING = ("active", "trial", "past_due", "paused")


def _counted(customer: Customer) -> list[int]:
    return [order.ordered_at for order in customer.orders if order.is_counted]


def _shown(moment: datetime) -> str:
    """A moment as it is written in JSON."""
    return str(moment.replace(tzinfo=None))


def lapsed_6_months(customer: Customer, profile: Row, question: Question) -> Row | None:
    """The last counted order lies before the cut six calendar months ago."""
    ordered, cut = _counted(customer), question.months_before(6)
    if not ordered or instant(max(ordered)) >= cut:
        return None
    return {
        "stripe_total_orders": len(ordered),
        "last_counted_order_at": _shown(instant(max(ordered))),
        "ordered_before": _shown(cut),
    }


def new_customers(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Created within the last 30 days."""
    created, cut = instant(customer.body["created"]), question.days_before(30)
    found = {"created_at": _shown(created), "created_since": _shown(cut)}
    return found if created >= cut else None


def one_time_buyers(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Exactly one counted order."""
    orders = len(_counted(customer))
    return {"stripe_total_orders": orders} if orders == 1 else None


def repeat_buyers(customer: Customer, profile: Row, question: Question) -> Row | None:
    """At least two counted orders."""
    orders = len(_counted(customer))
    found = {"stripe_total_orders": orders, "stripe_total_orders_at_least": 2}
    return found if orders >= 2 else None


def vip(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Net sales of at least the threshold, in the reporting currency."""
    sales = profile["stripe_total_sales"]
    if sales is None or sales < VIP_MINIMUM_SALES_MAJOR:
        return None
    return {"stripe_total_sales": sales, "minimum_sales": VIP_MINIMUM_SALES_MAJOR}


def trial_ending(customer: Customer, profile: Row, question: Question) -> Row | None:
    """A trial that ends within three days and then goes on into a paid subscription."""
    ends = [
        body["trial_end"] for body in customer.subscriptions if _trial_ends_soon(body, question)
    ]
    until = _shown(question.days_after(3))
    return {"trial_ends_at": _shown(instant(min(ends))), "until": until} if ends else None


def _trial_ends_soon(body: Body, question: Question) -> bool:
    ends = body.get("trial_end")
    if body["status"] != "trialing" or is_collection_paused(body) or ends is None:
        return False
    cancel_at = body.get("cancel_at")
    cancels = body.get("cancel_at_period_end") or (cancel_at is not None and cancel_at <= ends)
    return not cancels and question.as_of < instant(ends) <= question.days_after(3)


def past_due(customer: Customer, profile: Row, question: Question) -> Row | None:
    """At least one subscription is past due."""
    name = "stripe_subscription_past_due"
    return {name: profile[name]} if profile[name] else None


def cancelled(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Had a subscription, and none that runs."""
    names = [f"stripe_subscription_{state}" for state in ("cancelled", *RUNNING)]
    counts = {name: profile[name] for name in names}
    had, *running = counts.values()
    return counts if had and not any(running) else None


def at_risk(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Three or more counted orders, and twice the usual time without one, but not lapsed."""
    orders, since = len(_counted(customer)), profile["stripe_days_since_last_order"]
    cadence = profile["stripe_order_cadence_days"]
    if orders < 3 or since <= 2 * cadence or lapsed_6_months(customer, profile, question):
        return None
    return {
        "stripe_total_orders": orders,
        "stripe_total_orders_at_least": 3,
        "stripe_days_since_last_order": since,
        "stripe_days_since_last_order_more_than": 2 * cadence,
        "not_in_lapsed_6_months": True,
    }


def cancelled_high_value(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Cancelled, and a VIP."""
    is_in = cancelled(customer, profile, question) and vip(customer, profile, question)
    return {"in_cancelled": True, "in_vip": True} if is_in else None


def paused(customer: Customer, profile: Row, question: Question) -> Row | None:
    """Has a paused subscription, and none that runs."""
    names = [f"stripe_subscription_{state}" for state in ("paused", "active", "trial", "past_due")]
    counts = {name: profile[name] for name in names}
    is_paused, *running = counts.values()
    return counts if is_paused and not any(running) else None


def renewal_ahead(customer: Customer, profile: Row, question: Question) -> Row | None:
    """A subscription renews within the next week."""
    renews, until = profile["stripe_next_renewal_at"], question.days_after(7)
    if renews is None or renews > until.replace(tzinfo=None):
        return None
    return {"stripe_next_renewal_at": str(renews), "stripe_next_renewal_at_until": _shown(until)}


def card_expiring(customer: Customer, profile: Row, question: Question) -> Row | None:
    """The card expires within 30 days, today included, and a subscription runs."""
    expires, until = profile["stripe_card_expires_on"], question.today + timedelta(days=30)
    running = {
        name: profile[name] or None
        for state in ("active", "trial", "past_due")
        for name in [f"stripe_subscription_{state}"]
    }
    if expires is None or not question.today <= expires <= until or not any(running.values()):
        return None
    shown = {"stripe_card_expires_on": str(expires), "stripe_card_expires_on_until": str(until)}
    return {**shown, **running}


def first_order_anniversary(customer: Customer, profile: Row, question: Question) -> Row | None:
    """The first counted order was on this day of an earlier year."""
    ordered, today = _counted(customer), question.today
    if not ordered:
        return None
    first = question.day(min(ordered))
    is_leap_day = (first.month, first.day) == (2, 29)
    day = 28 if is_leap_day and not calendar.isleap(today.year) else first.day
    if first.year >= today.year or (first.month, day) != (today.month, today.day):
        return None
    return {"first_order_on": str(first), "today": str(today)}


RULES: dict[str, Rule] = {
    "lapsed_6_months": lapsed_6_months,
    "new_customers": new_customers,
    "one_time_buyers": one_time_buyers,
    "repeat_buyers": repeat_buyers,
    "vip": vip,
    "trial_ending": trial_ending,
    "past_due": past_due,
    "cancelled": cancelled,
    "at_risk": at_risk,
    "cancelled_high_value": cancelled_high_value,
    "paused": paused,
    "renewal_ahead": renewal_ahead,
    "card_expiring": card_expiring,
    "first_order_anniversary": first_order_anniversary,
}


def segments_of(
    objects: Objects,
    question: Question,
    customers: list[Customer],
    profiles: list[Row],
    unrated: list[Row],
) -> dict[tuple[str, str], Row]:
    """What decided, by (segment, customer id); `unrated` are the values that lack a rate."""
    found = {
        (name, customer.body["id"]): rule(customer, profile, question)
        for name, rule in RULES.items()
        for customer, profile in zip(customers, profiles, strict=True)
    }
    found |= _abandoned_members(objects, question, customers)
    if not any(row["field"] == "stripe_total_sales" for row in unrated):
        found |= _best(profiles)
    found |= _coupon_only_buyers(Coupons(objects, question), customers)
    return {key: why for key, why in found.items() if why is not None}


def _best(profiles: list[Row]) -> dict[tuple[str, str], Row | None]:
    """The twentieth part with the greatest sales above 0, rounded up; of equals the lesser id."""
    name = "stripe_total_sales"
    buyers = [profile for profile in profiles if (profile[name] or 0) > 0]
    buyers.sort(key=lambda profile: (-profile[name], profile["stripe_customer_id"]))
    return {
        ("top_5_percent", profile["stripe_customer_id"]): {
            name: profile[name],
            f"{name}_top_percent": 5,
        }
        for profile in buyers[: -(-len(buyers) // 20)]
    }


def _coupon_only_buyers(
    coupons: Coupons, customers: list[Customer]
) -> dict[tuple[str, str], Row | None]:
    """Each counted order has a coupon."""
    found: dict[tuple[str, str], Row | None] = {}
    for customer in customers:
        counted = [order for order in customer.orders if order.is_counted]
        discounted = {row["order_id"] for row in coupons.rows(counted)}
        if counted and len(discounted) == len(counted):
            why = {"orders": len(counted), "orders_with_a_coupon": len(discounted)}
            found["coupon_only_buyers", customer.body["id"]] = why
    return found


def _abandoned_members(
    objects: Objects, question: Question, customers: list[Customer]
) -> dict[tuple[str, str], Row | None]:
    begun = [body for body in objects.live("checkout_sessions") if question.exists(body["created"])]
    sessions = grouped(begun, lambda body: id_of(body.get("customer")))
    return {
        ("abandoned_checkout", key): _abandoned(customer, sessions.get(key, []), question)
        for customer in customers
        for key in [customer.body["id"]]
    }


def _abandoned(customer: Customer, sessions: list[Body], question: Question) -> Row | None:
    """Left a Checkout that expired in the last week, and bought nothing since it began."""
    bought = _counted(customer)
    bought += [body["created"] for body in sessions if body["status"] == "complete"]
    since = question.days_before(7)
    left = [
        body["expires_at"]
        for body in sessions
        if body["status"] == "expired"
        and body.get("payment_status") == "unpaid"
        and question.exists(body["expires_at"])
        and instant(body["expires_at"]) >= since
        and not any(created > body["created"] for created in bought)
    ]
    shown = {"abandoned_since": _shown(since)}
    return {"abandoned_at": _shown(instant(max(left))), **shown} if left else None
