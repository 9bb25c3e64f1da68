"""Who is in which segment at the as-of instant; thresholds as shipped."""

from collections.abc import Callable

from .objects import Body, Objects, id_of
from .profiles import Customer, Row, grouped, is_collection_paused
from .question import Question, instant

Rule = Callable[[Customer, Row, Question], bool]

VIP_MINIMUM_SALES_MAJOR = 500


def _counted(customer: Customer) -> list[int]:
    return [order.ordered_at for order in customer.orders if order.is_counted]


def lapsed_6_months(customer: Customer, profile: Row, question: Question) -> bool:
    """The last counted order lies before the cut six calendar months ago."""
    ordered = _counted(customer)
    return bool(ordered) and instant(max(ordered)) < question.months_before(6)


def new_customers(customer: Customer, profile: Row, question: Question) -> bool:
    """Created within the last 30 days."""
    return instant(customer.body["created"]) >= question.days_before(30)


def one_time_buyers(customer: Customer, profile: Row, question: Question) -> bool:
    """Exactly one counted order."""
    return len(_counted(customer)) == 1


def repeat_buyers(customer: Customer, profile: Row, question: Question) -> bool:
    """At least two counted orders."""
    return len(_counted(customer)) >= 2


def vip(customer: Customer, profile: Row, question: Question) -> bool:
    """Net sales of at least the threshold, in the reporting currency."""
    sales = profile["stripe_total_sales"]
    return sales is not None and sales >= VIP_MINIMUM_SALES_MAJOR


def trial_ending(customer: Customer, profile: Row, question: Question) -> bool:
    """A trial that ends within three days and then goes on into a paid subscription."""
    return any(_trial_ends_soon(body, question) for body in customer.subscriptions)


def _trial_ends_soon(body: Body, question: Question) -> bool:
    ends = body.get("trial_end")
    if body["status"] != "trialing" or is_collection_paused(body) or ends is None:
        return False
    cancel_at = body.get("cancel_at")
    cancels = body.get("cancel_at_period_end") or (cancel_at is not None and cancel_at <= ends)
    return not cancels and question.as_of < instant(ends) <= question.days_after(3)


def past_due(customer: Customer, profile: Row, question: Question) -> bool:
    """At least one subscription is past due."""
    return profile["stripe_subscription_past_due"] > 0


def cancelled(customer: Customer, profile: Row, question: Question) -> bool:
    """Had a subscription, and none that runs."""
    running = ("active", "trial", "past_due", "paused")
    return profile["stripe_subscription_cancelled"] > 0 and not any(
        profile[f"stripe_subscription_{state}"] for state in running
    )


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


def members_of(
    objects: Objects, question: Question, customers: list[Customer], profiles: list[Row]
) -> set[tuple[str, str]]:
    """Every (segment, customer id) pair."""
    found = {
        (name, customer.body["id"])
        for name, rule in RULES.items()
        for customer, profile in zip(customers, profiles, strict=True)
        if rule(customer, profile, question)
    }
    return found | _abandoned_members(objects, question, customers)


def _abandoned_members(
    objects: Objects, question: Question, customers: list[Customer]
) -> set[tuple[str, str]]:
    begun = [body for body in objects.live("checkout_sessions") if question.exists(body["created"])]
    sessions = grouped(begun, lambda body: id_of(body.get("customer")))
    return {
        ("abandoned_checkout", customer.body["id"])
        for customer in customers
        if _abandoned(customer, sessions.get(customer.body["id"], []), question)
    }


def _abandoned(customer: Customer, sessions: list[Body], question: Question) -> bool:
    """Left a Checkout that expired in the last week, and bought nothing since it began."""
    bought = _counted(customer)
    bought += [body["created"] for body in sessions if body["status"] == "complete"]
    return any(
        body["status"] == "expired"
        and body.get("payment_status") == "unpaid"
        and question.exists(body["expires_at"])
        and instant(body["expires_at"]) >= question.days_before(7)
        and not any(created > body["created"] for created in bought)
        for body in sessions
    )
