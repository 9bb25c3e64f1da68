"""Who is in which segment at the as-of instant, and the values that decide; thresholds as shipped.

A rule gives these values for a member, and None for anyone else.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

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


RULES: dict[str, Rule] = {
    "lapsed_6_months": lapsed_6_months,
    "new_customers": new_customers,
    "one_time_buyers": one_time_buyers,
    "repeat_buyers": repeat_buyers,
    "vip": vip,
    "trial_ending": trial_ending,
    "past_due": past_due,
    "cancelled": cancelled,
}


def segments_of(
    objects: Objects, question: Question, customers: list[Customer], profiles: list[Row]
) -> dict[tuple[str, str], Row]:
    """What decided, by (segment, customer id)."""
    found = {
        (name, customer.body["id"]): rule(customer, profile, question)
        for name, rule in RULES.items()
        for customer, profile in zip(customers, profiles, strict=True)
    }
    found |= _abandoned_members(objects, question, customers)
    return {key: why for key, why in found.items() if why is not None}


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
