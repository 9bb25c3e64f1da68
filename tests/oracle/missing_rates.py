"""Which exchange rates are missing, and which are too old."""

from collections import Counter
from datetime import timedelta

from .money import Fact
from .profiles import Row, grouped
from .question import Question

MAX_AGE = timedelta(days=7)


def missing_rates(facts: list[Fact], question: Question) -> list[Row]:
    """The currencies and days for which facts have no rate, with how many wait."""
    waiting = Counter(
        (fact.currency, fact.day)
        for fact in facts
        if fact.amount is not None
        and fact.currency is not None
        and question.table.convert(fact) is None
    )
    return [
        {"currency": currency, "day": day, "facts": waits}
        for (currency, day), waits in waiting.items()
    ]


def stale_rates(sales: list[Row], monthly: list[Fact], question: Question) -> list[Row]:
    """The currencies whose newest rate was too old on a day for which it was taken."""
    days = [(row["currency"], row["day"]) for row in sales if _is_converted(row)]
    for fact in monthly:
        if fact.amount and fact.currency != question.currency and question.table.convert(fact):
            days.append((fact.currency, fact.day))
    rows = []
    for currency, taken in grouped(days, lambda one: one[0]).items():
        newest = max(day for day, code, _ in question.rates
                     if code == currency and day <= question.today)  # fmt: skip
        late = [day for _, day in taken if day - newest > MAX_AGE]
        if late:
            rows.append({"currency": currency, "rate_day": newest, "last_day": max(late),
                         "facts": len(late)})  # fmt: skip
    return rows


def _is_converted(row: Row) -> bool:
    return row["rate_day"] is not None and row["amount_minor"] is not None
