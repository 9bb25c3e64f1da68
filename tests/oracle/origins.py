"""What a profile's fields are made of: the orders, facts, subscriptions and points behind them."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any

from .attempts import has_failed_lately
from .further import RUNNING
from .loyalty import Entry
from .mrr import BILLED
from .orders import Order
from .profiles import STATES, Row, grouped
from .question import Question

COLUMNS = (
    "fact", "fact_id", "order_id", "label", "facts", "quantity", "amount", "currency", "rate",
    "day", "until_day",
)  # fmt: skip
LAST_ORDER = (
    "stripe_order_status",
    "stripe_order_last_value",
    "stripe_order_last_currency",
    "stripe_last_create_order_date",
)


def origin_rows(
    profiles: list[Row],
    orders: dict[str, Order],
    nets: dict[str, Decimal | None],
    coupons: list[Row],
    lines: list[Row],
    sales: list[Row],
    payments: list[Row],
    unpaid: dict[str, Row],
    subscriptions: list[Row],
    ledger: list[Entry],
    question: Question,
) -> list[Row]:
    """The rows of marts.profile_origins; `nets` has each order's net in its major unit."""
    by_customer: dict[str, dict[str | None, list[Any]]] = {
        "orders": grouped(orders.values(), lambda order: order.customer),
        "coupons": grouped(coupons, lambda row: row["stripe_customer_id"]),
        "lines": grouped(lines, lambda row: row["stripe_customer_id"]),
        "sales": grouped(sales, lambda row: row["stripe_customer_id"]),
        "payments": grouped(payments, lambda row: row["stripe_customer_id"]),
        "subscriptions": grouped(subscriptions, lambda row: row["stripe_customer_id"]),
        "entries": grouped(ledger, lambda entry: entry.customer),
    }
    rows = []
    for profile in profiles:
        key = profile["stripe_customer_id"]
        own: dict[str, Any] = {name: found.get(key, []) for name, found in by_customer.items()}
        parts = [
            *_of_orders(own["orders"], nets, question),
            *_of_coupons(own["coupons"]),
            *_of_lines(own["lines"]),
            *_of_profile(profile),
            *_of_sales(own["sales"]),
            *_of_payments(own["payments"], question),
            *_of_unpaid(unpaid.get(key)),
            *_of_subscriptions(own["subscriptions"], profile, question),
            *_of_points(own["entries"], own["sales"]),
        ]
        rows += [{"stripe_customer_id": key, **dict.fromkeys(COLUMNS), **part} for part in parts]
    return rows


def _numbered(field: str, parts: Iterable[Row], role: str = "part") -> list[Row]:
    return [
        {"field": field, "role": role, "part": place, **part}
        for place, part in enumerate(parts, start=1)
    ]


def _order_part(order: Order, **others: Any) -> Row:
    named = {"fact": "order", "fact_id": order.order_id, "order_id": order.order_id}
    return {**named, "label": order.status, **others}


def _of_orders(
    orders: list[Order], nets: dict[str, Decimal | None], question: Question
) -> list[Row]:
    newest_first = sorted(orders, key=lambda order: (order.ordered_at, order.order_id))[::-1]
    counted = [order for order in newest_first if order.is_counted]
    paid = [order for order in newest_first if order.is_paid]
    dated = [order for order in paid if order.paid_at is not None]
    by_currency = []
    for order in newest_first:
        net = nets[order.order_id]
        role = "part" if net else "left_out"
        if net is None or order.currency is None:
            role = "unknown"
        by_currency.append(_order_part(order, role=role, amount=net, currency=order.currency))
    rows = _numbered(
        "stripe_order_products",
        [_order_part(order, quantity=order.items) for order in paid if order.items],
    )
    rows += _numbered(
        "stripe_total_orders",
        [_order_part(order, role="part" if order.is_counted else "left_out")
         for order in newest_first],
    )  # fmt: skip
    rows += _numbered("stripe_sales_by_currency", by_currency)
    last_paid = max(dated, key=lambda order: (order.paid_at, order.order_id), default=None)
    for field in LAST_ORDER:
        rows += _one(field, newest_first[:1])
    rows += _one("stripe_first_create_order_date", newest_first[-1:])
    rows += _one("stripe_last_counted_order_at", counted[:1])
    rows += _one("stripe_last_paid_order_at", [last_paid] if last_paid else [])
    return rows + _of_days(counted, question)


def _one(field: str, orders: list[Order]) -> list[Row]:
    return _numbered(field, [_order_part(order, label=None) for order in orders])


def _of_days(newest_first: list[Order], question: Question) -> list[Row]:
    """What the counted orders' days explain."""
    if not newest_first:
        return []
    last = question.day(newest_first[0].ordered_at)
    first = question.day(newest_first[-1].ordered_at)
    since = _order_part(newest_first[0], label=None, day=last, until_day=question.today)
    rows = _numbered("stripe_days_since_last_order", [since])
    if len(newest_first) > 1:
        steps, days = len(newest_first) - 1, (last - first).days
        span = {"facts": steps, "quantity": days, "day": first, "until_day": last}
        rows += _numbered("stripe_order_cadence_days", [span], "quotient")
    return rows


def _of_coupons(rows: list[Row]) -> list[Row]:
    used = sorted(
        (row for row in rows if row["is_counted"]),
        key=lambda row: (row["order_id"], row["coupon"], row["coupon_id"]),
    )
    return _numbered("stripe_coupons_used", [
        {"fact": "coupon", "fact_id": row["coupon_id"], "order_id": row["order_id"],
         "label": row["coupon"]} for row in used
    ])  # fmt: skip


def _of_lines(rows: list[Row]) -> list[Row]:
    bought = [row for row in rows if row["order_status"] == "paid" and row["product"] is not None]
    bought.sort(key=lambda row: (row["order_id"], row["product"], row["line_id"]))
    return _numbered("stripe_products_bought", [
        {"fact": "line", "fact_id": row["line_id"], "order_id": row["order_id"],
         "label": row["product"], "quantity": row["quantity"]} for row in bought
    ])  # fmt: skip


def _of_profile(profile: Row) -> list[Row]:
    orders = profile["stripe_total_orders"]
    mean = {"amount": profile["stripe_total_sales"], "facts": orders}
    return _numbered("stripe_average_order_value", [mean] if orders else [], "quotient")


def _of_sales(rows: list[Row]) -> list[Row]:
    found = []
    for field, facts, sign in (
        ("stripe_total_sales", None, 1),
        ("stripe_gross_sales", ("collected",), 1),
        ("stripe_refunded", ("refund", "credit_note"), -1),
    ):
        those = [row for row in rows if facts is None or row["fact"] in facts]
        those.sort(key=lambda row: (row["day"], row["order_id"], row["fact"], row["fact_id"]))
        parts = [_sale(row, sign) for row in those]
        found += _numbered(field, parts)
        if parts:
            amounts = [part["amount"] for part in parts]
            total = None if None in amounts else sum(amounts, Decimal(0))
            found.append({"field": field, "role": "sum", "part": len(parts) + 1,
                          "facts": len(parts), "amount": total})  # fmt: skip
    return found


def _sale(row: Row, sign: int) -> Row:
    copied = {name: row[name] for name in ("fact", "fact_id", "order_id", "currency", "day")}
    converted = row["converted"]
    amount = None if converted is None else sign * converted
    return {"role": _sale_role(row), "amount": amount, "rate": row["rate"], **copied}


def _sale_role(row: Row) -> str:
    if row["converted"] is not None:
        return "part"
    is_known = row["amount_minor"] is not None and row["currency"] is not None
    return "unrated" if is_known else "unknown"


def _of_payments(rows: list[Row], question: Question) -> list[Row]:
    failed = sorted(
        (row for row in rows if has_failed_lately(row, question)),
        key=lambda row: (row["attempted_at"], row["charge_id"]),
    )
    return _numbered("stripe_failed_payments", [
        {"fact": "payment", "fact_id": row["charge_id"], "order_id": row["order_id"],
         "label": row["failure_class"], "amount": row["amount"], "currency": row["currency"]}
        for row in reversed(failed)
    ])  # fmt: skip


def _of_unpaid(invoice: Row | None) -> list[Row]:
    if invoice is None or invoice["amount_remaining"] is None:
        return []
    part = {"fact": "order", "fact_id": invoice["order_id"], "order_id": invoice["order_id"]}
    fields = ("url", "amount", "currency")
    return [row for name in fields for row in _numbered(f"stripe_unpaid_invoice_{name}", [part])]


def _of_subscriptions(rows: list[Row], profile: Row, question: Question) -> list[Row]:
    own = sorted(rows, key=lambda row: row["subscription_id"])
    own.sort(key=lambda row: row["created_at"], reverse=True)
    found = []
    for status, field in STATES.items():
        found += _numbered(field, [_part(row) for row in own if row["counted_status"] == status])
    with_plan = [row for row in own if row["counted_status"] in (*RUNNING, "paused")]
    found += _numbered("stripe_plan_names", map(_part, with_plan))
    running = [row for row in own if row["counted_status"] in RUNNING]
    renewing = [row for row in running if row["counted_status"] != "trialing"
                and _goes_on(row)]  # fmt: skip
    trials = [row for row in running if row["counted_status"] == "trialing"]
    for field, those, column in (
        ("stripe_next_renewal_at", renewing, "current_period_ends_at"),
        ("stripe_trial_ends_at", trials, "trial_ends_at"),
        ("stripe_cancels_at", running, "cancels_at"),
    ):
        at = profile[field]
        found += _numbered(field, [_part(row) for row in those if at and row[column] == at])
    billed = [row for row in own if row["counted_status"] in BILLED]
    return found + _numbered("stripe_mrr", [_monthly(row, question) for row in billed])


def _part(row: Row) -> Row:
    return {"fact": "subscription", "fact_id": row["subscription_id"],
            "label": row["counted_status"]}  # fmt: skip


def _goes_on(row: Row) -> bool:
    ends, period = row["cancels_at"], row["current_period_ends_at"]
    return ends is None or (period is not None and ends > period)


def _monthly(row: Row, question: Question) -> Row:
    currency, part = row["currency"], {**_part(row), "amount": row["mrr"], "role": "part"}
    part["currency"] = currency
    if row["mrr"] is None:
        part["role"] = "unknown"
    if currency not in (None, question.currency) and row["mrr_minor"]:
        dated = question.table.dated(currency, question.today)
        if dated is None:
            return {**part, "role": "unrated"}
        part["day"], part["rate"] = dated
    return part


def _of_points(entries: list[Entry], sales: list[Row]) -> list[Row]:
    mature = sorted(entries, key=lambda entry: (entry.movement, entry.rule))
    groups = groupby(mature, key=lambda entry: (entry.movement, entry.rule))
    parts = []
    for (movement, rule), found in groups:
        points = [entry.points for entry in found]
        parts.append({"fact": movement, "fact_id": rule, "facts": len(points),
                      "quantity": sum(points)})  # fmt: skip
    waiting = [row for row in sales if row["fact"] == "collected" and _sale_role(row) == "unrated"]
    waiting.sort(key=lambda row: (row["day"], row["order_id"], row["fact_id"]))
    copied = ("fact", "fact_id", "order_id", "currency", "day")
    unrated = [{name: row[name] for name in copied} for row in waiting]
    field = "stripe_loyalty_points"
    return _numbered(field, parts) + _numbered(field, unrated, "unrated")
