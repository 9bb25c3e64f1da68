"""The lineage of each field of a profile: the orders, payments and subscriptions behind a value."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stripe_pipeline.profiles.profile import Customer
from stripe_pipeline.values.dates import day_in
from stripe_pipeline.values.words import counted
from stripe_pipeline.values.zones import load_zone
from stripe_pipeline.warehouse.readers import Row, as_text

_NAMED = 3  # ids in one sentence
_REFUNDS = ("refund", "credit_note")
_BILLED = ("active", "past_due")


class Origin(NamedTuple):
    """The origin of a value: in words, and the ids of the orders and subscriptions."""

    says: str
    orders: Sequence[str] = ()
    subscriptions: Sequence[str] = ()


def origins(customer: Customer) -> dict[str, Origin]:
    """Return the origin of each computed field; a field that Stripe itself holds has none."""
    return {
        **_of_orders(customer),
        **_of_sales(customer),
        **_of_subscriptions(customer),
        **_of_points(customer),
        "stripe_person_id": _of_person(customer),
    }


def _of_orders(customer: Customer) -> dict[str, Origin]:
    orders, zone = customer.orders, load_zone(customer.clock["reporting_timezone"])
    found = {
        "stripe_order_products": _products(orders),
        "stripe_total_orders": _counted(orders),
        "stripe_sales_by_currency": _by_currency(orders),
        "stripe_coupons_used": _coupons(customer.coupons),
        "stripe_average_order_value": _average(customer),
        "stripe_order_cadence_days": _cadence(orders, zone),
        "stripe_days_since_last_order": _days_since(customer, zone),
        "stripe_last_counted_order_at": _one(_newest(_counting(orders), "ordered_at")),
        "stripe_last_paid_order_at": _one(_newest(_paid(orders), "paid_at")),
        "stripe_first_create_order_date": _one(_oldest(orders)),
    }
    last = _one(orders[0] if orders else None)
    return found | dict.fromkeys(_LAST_ORDER, last)


_LAST_ORDER = (
    "stripe_order_status",
    "stripe_order_last_value",
    "stripe_order_last_currency",
    "stripe_last_create_order_date",
)


def _counting(orders: Iterable[Row]) -> list[Row]:
    return [order for order in orders if order["is_counted"]]


def _paid(orders: Iterable[Row]) -> list[Row]:
    return [order for order in orders if order["order_status"] == "paid"]


def _newest(orders: Iterable[Row], instant: str) -> Row | None:
    dated = [order for order in orders if order[instant]]
    return max(dated, key=lambda order: (order[instant], order["order_id"]), default=None)


def _oldest(orders: Sequence[Row]) -> Row | None:
    return orders[-1] if orders else None


def _one(order: Row | None) -> Origin:
    if order is None:
        return Origin("no such order")
    return Origin(f"order {order['order_id']}", [order["order_id"]])


def _products(orders: Sequence[Row]) -> Origin:
    bought = [order for order in _paid(orders) if order["items_purchased"]]
    parts = [f"{order['items_purchased']} in {order['order_id']}" for order in bought]
    return Origin(_listed(parts, " + ") or "no paid order", _ids(bought))


def _counted(orders: Sequence[Row]) -> Origin:
    counted = _counting(orders)
    others = [f"{order['order_id']} ({order['order_status']})" for order in orders
              if not order["is_counted"]]  # fmt: skip
    says = _listed(_ids(counted)) or "no order that counts"
    return Origin(says + (f"; not counted: {_listed(others)}" if others else ""), _ids(counted))


def _by_currency(orders: Sequence[Row]) -> Origin:
    currencies = sorted({order["currency"] for order in orders if order["net_minor"]})
    parts = [f"{currency} from {_listed(_ids(_in(orders, currency)))}" for currency in currencies]
    return Origin("; ".join(parts) or "no money yet", _ids(orders))


def _in(orders: Iterable[Row], currency: str) -> list[Row]:
    return [order for order in orders if order["currency"] == currency and order["net_minor"]]


def _coupons(used: Iterable[Row]) -> Origin:
    counted = [row for row in used if row["is_counted"]]
    parts = [f"{row['coupon']} on {row['order_id']}" for row in counted]
    return Origin(_listed(parts) or "no order with a coupon", list(dict.fromkeys(_ids(counted))))


def _average(customer: Customer) -> Origin:
    profile, currency = customer.profile, customer.clock["reporting_currency"]
    total, orders = profile["stripe_total_sales"], profile["stripe_total_orders"]
    if total is None or not orders:
        return Origin("no order that counts" if not orders else "the total isn't known")
    return Origin(f"total sales {as_text(total, currency)} / {counted(orders, 'order')}")


def _cadence(orders: Sequence[Row], zone: ZoneInfo) -> Origin:
    days = sorted(day_in(order["ordered_at"], zone) for order in _counting(orders))
    if len(days) < 2:
        return Origin("it takes two orders that count")
    apart = (days[-1] - days[0]).days
    return Origin(
        f"{counted(apart, 'day')} from {days[0]} to {days[-1]} / {counted(len(days) - 1, 'step')}"
    )


def _days_since(customer: Customer, zone: ZoneInfo) -> Origin:
    last = _newest(_counting(customer.orders), "ordered_at")
    if last is None:
        return Origin("no order that counts")
    day, today = day_in(last["ordered_at"], zone), customer.clock["as_of_local"].date()
    return Origin(f"from {day}, order {last['order_id']}, to {today}", [last["order_id"]])


def _of_sales(customer: Customer) -> dict[str, Origin]:
    kinds: dict[str, Callable[[Row], bool]] = {
        "stripe_total_sales": lambda fact: True,
        "stripe_gross_sales": lambda fact: fact["fact"] == "collected",
    }
    sums = {name: _sum(filter(kind, customer.sales)) for name, kind in kinds.items()}
    given_back = filter(lambda fact: fact["fact"] in _REFUNDS, customer.sales)
    return sums | {"stripe_refunded": _sum(given_back, sign=-1)}


def _sum(facts: Iterable[Row], sign: int = 1) -> Origin:
    """Return the origin of a sum; `sign` is -1 for a field that shows returned money above 0."""
    summed = list(facts)
    orders = list(dict.fromkeys(fact["order_id"] for fact in summed))
    missing = sorted({f"{fact['currency']} on {fact['day']}" for fact in summed
                      if fact["converted"] is None})  # fmt: skip
    if missing:
        return Origin(f"no exchange rate for {_listed(missing)}", orders)
    if not summed:
        return Origin("nothing of the kind")
    total = sign * sum((fact["converted"] for fact in summed), Decimal(0))
    rows = "row" if len(summed) == 1 else "rows"
    return Origin(f"sum of {len(summed)} {rows} under Sales: {in_full(total)}", orders)


def in_full(amount: Decimal) -> str:
    """Return an amount with all its digits, but at least two decimals."""
    whole = amount.normalize()
    exponent = whole.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:,.{places}f}"


_BY_STATUS = {
    "stripe_subscription_active": "active",
    "stripe_subscription_cancelled": "canceled",
    "stripe_subscription_paused": "paused",
    "stripe_subscription_trial": "trialing",
    "stripe_subscription_past_due": "past_due",
}
_NEXT = {
    "stripe_next_renewal_at": "current_period_ends_at",
    "stripe_trial_ends_at": "trial_ends_at",
    "stripe_cancels_at": "cancels_at",
}


def _of_subscriptions(customer: Customer) -> dict[str, Origin]:
    rows, profile = customer.subscriptions, customer.profile
    counts = {name: _subscriptions(rows, status) for name, status in _BY_STATUS.items()}
    nexts = {name: _at(rows, column, profile.get(name)) for name, column in _NEXT.items()}
    running = [row for row in rows if row["counted_status"] not in (None, "canceled")]
    plans = [f"{as_text(row['plan_names'])} ({row['subscription_id']})" for row in running]
    named = Origin(_listed(plans, "; ") or "no running plan", (), _subscription_ids(running))
    return counts | nexts | {"stripe_plan_names": named, "stripe_mrr": _mrr(customer)}


def _subscriptions(rows: Iterable[Row], status: str) -> Origin:
    ids = _subscription_ids(row for row in rows if row["counted_status"] == status)
    return Origin(_listed(ids) or "no such subscription", (), ids)


def _at(rows: Iterable[Row], column: str, instant: datetime | date | None) -> Origin:
    ids = _subscription_ids(row for row in rows if instant and row[column] == instant)
    return Origin(_listed(ids) or "no such subscription", (), ids)


def _mrr(customer: Customer) -> Origin:
    billed = [row for row in customer.subscriptions if row["counted_status"] in _BILLED]
    parts = [f"{_monthly(row, customer)} of {row['subscription_id']}" for row in billed]
    return Origin(_listed(parts, " + ") or "nothing runs", (), _subscription_ids(billed))


def _monthly(row: Row, customer: Customer) -> str:
    amount, currency = row["mrr"], row["currency"]
    if amount is None:
        return "an unknown amount"
    said = f"{as_text(amount, currency)} {currency} a month"
    if currency == customer.clock["reporting_currency"] or not amount:
        return said
    rates = [rate for rate in customer.rates if rate["currency"] == currency]
    if not rates:
        return f"{said} (no exchange rate is known)"
    return f"{said} at {in_full(rates[0]['rate'])}, the rate of {rates[0]['day']},"


def _of_points(customer: Customer) -> dict[str, Origin]:
    rules = sorted({(entry["movement"], entry["rule"]) for entry in customer.points})
    parts = [
        f"{sum(entry['points'] for entry in entries):+,} {movement} by {rule} ({len(entries)}x)"
        for movement, rule in rules
        if (entries := [entry for entry in customer.points
                        if (entry["movement"], entry["rule"]) == (movement, rule)])
    ]  # fmt: skip
    parts += _unrated(customer.sales)
    return {"stripe_loyalty_points": Origin("; ".join(parts) or "no movement of points")}


def _unrated(facts: Iterable[Row]) -> list[str]:
    """Return the orders that earn nothing yet because a rate is missing."""
    orders = [fact["order_id"] for fact in facts
              if fact["fact"] == "collected" and fact["converted"] is None]  # fmt: skip
    return [f"nothing yet for want of an exchange rate: {_listed(orders)}"] if orders else []


def _of_person(customer: Customer) -> Origin:
    others = list(dict.fromkeys(link["member_id"] for link in customer.person))
    if not others:
        return Origin("no one else is known to be this person")
    return Origin(f"the same person as {_listed(others)}; see The same person")


def _ids(orders: Iterable[Row]) -> list[str]:
    return [order["order_id"] for order in orders]


def _subscription_ids(rows: Iterable[Row]) -> list[str]:
    return [row["subscription_id"] for row in rows]


def _listed(parts: Sequence[str], between: str = ", ") -> str:
    """Return the first few parts, and how many more there are."""
    more = len(parts) - _NAMED
    shown = between.join(parts[:_NAMED])
    return f"{shown}{between}{more} more" if more > 0 else shown
