"""Who is in the segments about failed payments, unpaid invoices and trials that were paid for.

Gives what decided, by (segment, customer id), as segments.py does.
"""

from datetime import datetime

from .profiles import Row, grouped
from .question import Question

Members = dict[tuple[str, str], Row]
SUCCEEDED = {"paid", "authorized", "released"}


def paying_segments(
    question: Question,
    profiles: list[Row],
    orders: list[Row],
    payments: list[Row],
    subscriptions: list[Row],
) -> Members:
    """The members of the three, of rows of marts.orders, payments and subscriptions."""
    found: Members = {}
    tried = grouped(payments, lambda row: row["stripe_customer_id"])
    subscribed = grouped(subscriptions, lambda row: row["stripe_customer_id"])
    paid = grouped(orders, lambda row: row["subscription_id"])
    for profile in profiles:
        key, owed = profile["stripe_customer_id"], profile["stripe_unpaid_invoice_amount"]
        if owed is not None:
            found["unpaid_invoice", key] = {"stripe_unpaid_invoice_amount": owed}
        if failed := _failed(tried.get(key, []), question):
            found["payment_failed", key] = failed
        if converted := _converted(subscribed.get(key, []), paid, question):
            found["trial_converted", key] = converted
    return found


def _failed(payments: list[Row], question: Question) -> Row | None:
    """An attempt of the last seven days, with none that succeeded from its second on."""
    since = _naive(question.days_before(7))
    failures = [
        row["attempted_at"]
        for row in payments
        if row["payment_status"] == "failed"
        and row["attempted_at"] >= since
        and not any(
            other["payment_status"] in SUCCEEDED and other["attempted_at"] >= row["attempted_at"]
            for other in payments
        )
    ]
    return {"failed_at": str(max(failures)), "failed_since": str(since)} if failures else None


def _converted(
    subscriptions: list[Row], orders: dict[str | None, list[Row]], question: Question
) -> Row | None:
    """A trial of the last thirty days on a subscription that is active and was paid for since."""
    since, now = _naive(question.days_before(30)), _naive(question.as_of)
    pairs = [
        (row["trial_ends_at"], order["paid_at"])
        for row in subscriptions
        if row["counted_status"] == "active"
        and row["trial_ends_at"] is not None
        and since <= row["trial_ends_at"] <= now
        for order in orders.get(row["subscription_id"], [])
        if order["order_status"] == "paid"
        and (order["order_total"] or 0) > 0
        and order["paid_at"] is not None
        and order["paid_at"] >= row["trial_ends_at"]
    ]
    if not pairs:
        return None
    return {
        "trial_ended_at": str(min(ended for ended, _ in pairs)),
        "trial_ended_since": str(since),
        "paid_at": str(min(paid for _, paid in pairs)),
    }


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
