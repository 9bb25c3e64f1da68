"""Put the rows of marts.profile_origins into words: what each field of a profile is made of."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from stripe_pipeline.profiles.profile import Customer
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.readers import Row, as_text

_NAMED = 3  # ids in one sentence


class Origin(NamedTuple):
    """The origin of a value: in words, and the ids of the orders and subscriptions."""

    says: str
    orders: Sequence[str] = ()
    subscriptions: Sequence[str] = ()


def origins(customer: Customer) -> dict[str, Origin]:
    """Return the origin of each computed field; a field that Stripe itself holds has none."""
    found = {field: words(rows_of(customer, field), customer) for field, words in _WORDS.items()}
    return {**found, "stripe_person_id": _of_person(customer)}


def rows_of(customer: Customer, field: str, role: str | None = None) -> list[Row]:
    """Return the rows that a field is made of, all or those of one role."""
    return [
        row
        for row in customer.origins
        if row["field"] == field and (role is None or row["role"] == role)
    ]


def in_full(amount: Decimal) -> str:
    """Return an amount with all its digits, but at least two decimals."""
    whole = amount.normalize()
    exponent = whole.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:,.{places}f}"


def _products(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [f"{row['quantity']} in {row['order_id']}" for row in rows]
    return Origin(_listed(parts, " + ") or "no paid order", _orders(rows))


def _counted(rows: Sequence[Row], _: Customer) -> Origin:
    orders = _orders(_as(rows, "part"))
    others = [f"{row['order_id']} ({row['label']})" for row in _as(rows, "left_out")]
    says = _listed(orders) or "no order that counts"
    return Origin(says + (f"; not counted: {_listed(others)}" if others else ""), orders)


def _by_currency(rows: Sequence[Row], _: Customer) -> Origin:
    parts, unknown = _as(rows, "part"), _orders(_as(rows, "unknown"))
    currencies = sorted({row["currency"] for row in parts})
    says = [f"{currency} from {_listed(_in(parts, currency))}" for currency in currencies]
    if unknown:
        says.append(f"an unknown amount from {_listed(unknown)}")
    return Origin("; ".join(says) or "no money yet", _orders(rows))


def _in(rows: Iterable[Row], currency: str) -> list[str]:
    return _orders(row for row in rows if row["currency"] == currency)


def _coupons(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [f"{row['label']} on {row['order_id']}" for row in rows]
    return Origin(_listed(parts) or "no order with a coupon", _orders(rows))


def _bought(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [f"{row['label']} in {row['order_id']}" for row in rows]
    return Origin(_listed(parts) or "no product on a paid order", _orders(rows))


def _average(rows: Sequence[Row], customer: Customer) -> Origin:
    if not rows:
        return Origin("no order that counts")
    total, orders = rows[0]["amount"], counted(rows[0]["facts"], "order")
    if total is None:
        return Origin("the total isn't known")
    return Origin(f"total sales {as_text(total, customer.clock['reporting_currency'])} / {orders}")


def _cadence(rows: Sequence[Row], _: Customer) -> Origin:
    if not rows:
        return Origin("it takes two orders that count")
    row = rows[0]
    days, steps = counted(row["quantity"], "day"), counted(row["facts"], "step")
    return Origin(f"{days} from {row['day']} to {row['until_day']} / {steps}")


def _days_since(rows: Sequence[Row], _: Customer) -> Origin:
    if not rows:
        return Origin("no order that counts")
    row = rows[0]
    says = f"from {row['day']}, order {row['order_id']}, to {row['until_day']}"
    return Origin(says, _orders(rows))


def _one_order(rows: Sequence[Row], _: Customer) -> Origin:
    return Origin(f"order {rows[0]['order_id']}" if rows else "no such order", _orders(rows))


def _total(rows: Sequence[Row], _: Customer) -> Origin:
    orders = _orders(rows)
    if unrated := _as(rows, "unrated"):
        missing = sorted({f"{row['currency']} on {row['day']}" for row in unrated})
        return Origin(f"no exchange rate for {_listed(missing)}", orders)
    if unknown := _as(rows, "unknown"):
        return Origin(f"an unknown amount of {_listed(_orders(unknown))}", orders)
    for row in _as(rows, "sum"):
        summed = "row" if row["facts"] == 1 else "rows"
        return Origin(
            f"sum of {row['facts']} {summed} under Sales: {in_full(row['amount'])}", orders
        )
    return Origin("nothing of the kind")


def _payments(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [f"{row['fact_id']} ({row['label']})" for row in rows]
    return Origin(_listed(parts) or "no such payment", _orders(rows))


def _subscriptions(rows: Sequence[Row], _: Customer) -> Origin:
    ids = _subscription_ids(rows)
    return Origin(_listed(ids) or "no such subscription", (), ids)


def _plans(rows: Sequence[Row], customer: Customer) -> Origin:
    names = {row["subscription_id"]: row["plan_names"] for row in customer.subscriptions}
    ids = _subscription_ids(rows)
    plans = [f"{as_text(names[subscription])} ({subscription})" for subscription in ids]
    return Origin(_listed(plans, "; ") or "no running plan", (), ids)


def _mrr(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [f"{_monthly(row)} of {row['fact_id']}" for row in rows]
    return Origin(_listed(parts, " + ") or "nothing runs", (), _subscription_ids(rows))


def _monthly(row: Row) -> str:
    if row["role"] == "unknown":
        return "an unknown amount"
    said = f"{as_text(row['amount'], row['currency'])} {row['currency']} a month"
    if row["role"] == "unrated":
        return f"{said} (no exchange rate is known)"
    if row["rate"] is None:
        return said
    return f"{said} at {in_full(row['rate'])}, the rate of {row['day']},"


def _points(rows: Sequence[Row], _: Customer) -> Origin:
    parts = [
        f"{row['quantity']:+,} {row['fact']} by {row['fact_id']} ({row['facts']}x)"
        for row in _as(rows, "part")
    ]
    if unrated := _as(rows, "unrated"):
        parts.append(f"nothing yet for want of an exchange rate: {_listed(_orders(unrated))}")
    return Origin("; ".join(parts) or "no movement of points")


def _of_person(customer: Customer) -> Origin:
    others = list(dict.fromkeys(link["member_id"] for link in customer.person))
    if not others:
        return Origin("no one else is known to be this person")
    return Origin(f"the same person as {_listed(others)}; see The same person")


_WORDS: dict[str, Callable[[Sequence[Row], Customer], Origin]] = {
    "stripe_order_products": _products,
    "stripe_total_orders": _counted,
    "stripe_sales_by_currency": _by_currency,
    "stripe_coupons_used": _coupons,
    "stripe_products_bought": _bought,
    "stripe_average_order_value": _average,
    "stripe_order_cadence_days": _cadence,
    "stripe_days_since_last_order": _days_since,
    "stripe_last_counted_order_at": _one_order,
    "stripe_last_paid_order_at": _one_order,
    "stripe_first_create_order_date": _one_order,
    "stripe_order_status": _one_order,
    "stripe_order_last_value": _one_order,
    "stripe_order_last_currency": _one_order,
    "stripe_last_create_order_date": _one_order,
    "stripe_total_sales": _total,
    "stripe_gross_sales": _total,
    "stripe_refunded": _total,
    "stripe_failed_payments": _payments,
    "stripe_unpaid_invoice_url": _one_order,
    "stripe_unpaid_invoice_amount": _one_order,
    "stripe_unpaid_invoice_currency": _one_order,
    "stripe_subscription_active": _subscriptions,
    "stripe_subscription_cancelled": _subscriptions,
    "stripe_subscription_paused": _subscriptions,
    "stripe_subscription_trial": _subscriptions,
    "stripe_subscription_past_due": _subscriptions,
    "stripe_next_renewal_at": _subscriptions,
    "stripe_trial_ends_at": _subscriptions,
    "stripe_cancels_at": _subscriptions,
    "stripe_plan_names": _plans,
    "stripe_mrr": _mrr,
    "stripe_loyalty_points": _points,
}


def _as(rows: Iterable[Row], role: str) -> list[Row]:
    return [row for row in rows if row["role"] == role]


def _orders(rows: Iterable[Row]) -> list[str]:
    """Return the ids of the rows' orders, each once."""
    return list(dict.fromkeys(row["order_id"] for row in rows if row["order_id"]))


def _subscription_ids(rows: Iterable[Row]) -> list[str]:
    return [row["fact_id"] for row in rows]


def _listed(parts: Sequence[str], between: str = ", ") -> str:
    """Return the first few parts, and how many more there are."""
    more = len(parts) - _NAMED
    shown = between.join(parts[:_NAMED])
    return f"{shown}{between}{more} more" if more > 0 else shown
