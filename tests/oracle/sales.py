"""What sales are made of, fact by fact with its rate."""

from decimal import Decimal
from fractions import Fraction

from .adjustments import Adjustment
from .money import Fact, half_up, to_major
from .orders import Order
from .profiles import Row
from .question import Question

PLACES = 6


def sales_rows(
    orders: dict[str, Order], adjustments: list[Adjustment], question: Question
) -> list[Row]:
    """The rows of marts.sales_facts."""
    collected = [
        {
            **_named("collected", order.order_id, order.order_id, order.customer),
            **_converted(order.collected, order.currency, order.ordered_at, question),
        }
        for order in orders.values()
        if order.collected != 0
    ]
    return collected + [
        {
            **_named(row.kind, row.adjustment_id, row.order_id, row.customer),
            **_converted(-row.amount, row.currency, row.adjusted_at, question),
            **({"converted": None} if row.of_order is None else {}),
        }
        for row in adjustments
    ]


def _named(fact: str, key: str, order: str, customer: str | None) -> Row:
    return {"fact": fact, "fact_id": key, "order_id": order, "stripe_customer_id": customer}


def _converted(amount: int | None, currency: str | None, at: int, question: Question) -> Row:
    day = question.day(at)
    exact = question.table.convert(Fact(amount, currency, day))
    is_own = currency == question.currency
    dated = None if is_own or currency is None else question.table.dated(currency, day)
    return {
        "day": day,
        "currency": currency,
        "amount": to_major(amount, currency),
        "amount_minor": amount,
        "rate": Fraction(1) if is_own else dated and dated[1],
        "rate_day": dated and dated[0],
        "reporting_currency": question.currency,
        "converted": None if exact is None else rounded(exact),
    }


def rounded(exact: Fraction) -> Decimal:
    """An amount in the major unit, rounded half up to 6 decimals."""
    return Decimal(half_up(exact * 10**PLACES)).scaleb(-PLACES)
