"""How subscriptions' recurring revenue came to be what it is, day by day."""

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction

from .bodies import discounts_of, seen_discounts, subscription_items, whole_discount
from .invoiced_mrr import Invoiced
from .money import Fact, exponent, half_up, to_major
from .mrr import BILLED, Mrr
from .objects import Body, Objects, Version, id_of
from .profiles import Row, grouped, is_collection_paused
from .question import Question, instant
from .sales_days import tie_row

Level = Fraction | None


class Movements:
    """Makes the rows of marts.mrr_movements; reads the objects once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._objects, self._question = objects, question
        self._mrr = Mrr(objects, question)
        self._invoiced = Invoiced(objects, question)
        self._discounts = seen_discounts(objects)
        self._customers = objects.last_body("customers")

    def rows(self, subscription: Body) -> list[Row]:
        """The movements of one subscription."""
        currency = self._mrr.currency(subscription)
        known = {
            "subscription_id": subscription["id"],
            "stripe_customer_id": id_of(subscription["customer"]),
            "currency": currency,
            "reporting_currency": self._question.currency,
        }
        levels = self._levels(subscription, currency)
        return [known | row for row in self._moved(levels, currency)]

    def _levels(self, subscription: Body, currency: str | None) -> dict[date, Level]:
        """The revenue at the end of each day on which it changed."""
        states = list(self._seen(subscription, currency))
        steps = self._invoiced.steps(subscription["id"], currency)
        first = min((at for at, _ in states), default=None)
        told = [step for step in steps if first is None or step[0] < first]
        ends = {}
        for at, level in [*told, *states, (self._question.as_of, self._mrr.of(subscription))]:
            if at <= self._question.as_of:
                ends[self._question.local(at).date()] = level
        changes, last = {}, Fraction(0)
        for day in sorted(ends):
            if ends[day] != last:
                changes[day] = ends[day]
            last = ends[day]  # type: ignore[assignment]
        return changes

    def _seen(self, subscription: Body, currency: str | None) -> Iterator[tuple[datetime, Level]]:
        """The states in the order in which they held, each from its instant on."""
        versions = self._versions(subscription["id"])
        dated = list(self._dated(subscription["id"], versions, currency))
        for place, (at, version) in enumerate(dated):
            until = dated[place + 1][0] if place + 1 < len(dated) else self._question.as_of
            body = version.body | {"currency": currency, "customer": subscription["customer"]}
            for moment in [at, *self._turns(body, at, until)]:
                if moment <= self._question.as_of:
                    yield moment, self._level(body, currency, moment)

    def _level(self, body: Body, currency: str | None, at: datetime) -> Level:
        is_billed = body["status"] in BILLED and not is_collection_paused(body)
        if currency is None and is_billed:
            return None
        return self._mrr.at(at).of(body)

    def _versions(self, key: str) -> list[Version]:
        """What was seen, oldest first; at one instant the last counts."""
        seen = self._objects.history("subscriptions")[key]
        by_instant = {each.observed_at: each for each in seen if not each.is_deleted}
        return [by_instant[at] for at in sorted(by_instant)]

    def _dated(
        self, key: str, versions: list[Version], currency: str | None
    ) -> Iterator[tuple[datetime, Version]]:
        """Each version with the instant at which it took effect, never before an earlier one's."""
        latest: datetime | None = None
        for earlier, version in zip([None, *versions], versions, strict=False):
            at = min(version.observed_at, self._said(key, version, earlier, currency))
            latest = at if latest is None else max(latest, at)
            yield latest, version

    def _said(
        self, key: str, version: Version, earlier: Version | None, currency: str | None
    ) -> datetime:
        body, status = version.body, version.body["status"]
        if status in {"canceled", "incomplete_expired"}:
            return instant(body["ended_at"]) if body.get("ended_at") else version.observed_at
        runs = status in BILLED and not is_collection_paused(body)
        if earlier is None:
            until = None if runs else self._invoiced.paid_until(key, currency)
            return until or version.observed_at
        trial = body.get("trial_end")
        if trial is None or earlier.body["status"] != "trialing" or not runs:
            return version.observed_at
        ends = instant(trial)
        return ends if ends > earlier.observed_at else version.observed_at

    def _turns(self, body: Body, after: datetime, until: datetime) -> list[datetime]:
        """When a discount on it begins or ends while this version holds."""
        customer = self._customers.get(id_of(body["customer"]) or "", {})
        holders = [body, customer, *subscription_items(body)]
        found = set()
        for reference in (each for holder in holders for each in discounts_of(holder)):
            whole = whole_discount(reference, self._discounts) or {}
            found |= {whole[name] for name in ("start", "end") if whole.get(name) is not None}
        return [at for at in map(instant, sorted(found)) if after < at <= until]

    def _moved(self, levels: dict[date, Level], currency: str | None) -> Iterator[Row]:
        known, last, level, has_run = Fraction(0), Fraction(0), None, False
        for day in sorted({*levels, *self._rate_days(levels, currency)}):
            earlier = known
            before = self._converted(earlier, currency, day)
            if day in levels:
                level = levels[day]
                known = earlier if level is None else level
            after = self._converted(known, currency, day)
            shown = self._shown(day, level, after, currency)
            if day in levels:
                kind = _kind(level, earlier, has_run)
                own = None if level is None else half_up(known) - half_up(earlier)
                moved = None if level is None else _difference(after, before)
                yield {"movement": kind, **shown, **self._amounts(own, moved, currency)}
            if before is not None and before != last:
                moved = _difference(before, last)
                yield {"movement": "currency", **shown, **self._amounts(0, moved, currency)}
            last = last if after is None else after
            has_run = has_run or bool(level and level > 0)

    def _rate_days(self, levels: dict[date, Level], currency: str | None) -> set[date]:
        if currency == self._question.currency or not levels:
            return set()
        first, last = min(levels), self._question.today
        return {day for day, code, _ in self._question.rates
                if code == currency and first < day <= last}  # fmt: skip

    def _converted(self, amount: Fraction, currency: str | None, day: date) -> Fraction | None:
        """In the reporting currency's minor unit; None without a rate."""
        converted = self._question.table.convert(Fact(amount, currency, day))
        return None if converted is None else converted * 10 ** exponent(self._question.currency)

    def _shown(self, day: date, level: Level, after: Fraction | None, currency: str | None) -> Row:
        reporting = self._question.currency
        own = None if level is None else half_up(level)
        converted = None if level is None or after is None else half_up(after)
        return {
            "day": day,
            "mrr": to_major(own, currency),
            "mrr_minor": own,
            "reporting_mrr": to_major(converted, reporting),
            "reporting_mrr_minor": converted,
        }

    def _amounts(self, own: int | None, moved: int | None, currency: str | None) -> Row:
        return {
            "amount": to_major(own, currency),
            "amount_minor": own,
            "reporting_amount": to_major(moved, self._question.currency),
            "reporting_amount_minor": moved,
        }


def _difference(after: Fraction | None, before: Fraction | None) -> int | None:
    return None if after is None or before is None else half_up(after) - half_up(before)


def _kind(level: Level, earlier: Fraction, has_run: bool) -> str:
    if level is None:
        return "unknown"
    if level == earlier:
        return "known"
    if not earlier:
        return "reactivation" if has_run else "new"
    if not level:
        return "churn"
    return "expansion" if level > earlier else "contraction"


def unrated_movements(rows: list[Row], customers: set[str], question: Question) -> list[Fact]:
    """What movements need a rate for, beyond what their customers' profiles do."""
    return [
        Fact(1, row["currency"], row["day"])
        for row in rows
        if row["mrr_minor"] is not None
        and row["reporting_amount"] is None
        and not (
            row["day"] == question.today
            and row["stripe_customer_id"] in customers
            and row["movement"] != "churn"
        )
    ]


def movement_ties(bodies: list[Body], objects: Objects, question: Question) -> list[Row]:
    """The rows of marts.fact_ties about movements: what each subscription brings in, added up."""
    mrr = Mrr(objects, question)
    known = [(mrr.currency(body), level) for body in bodies if (level := mrr.of(body)) is not None]
    rows = []
    for currency, found in grouped(known, lambda one: one[0] or "unknown").items():
        minor = sum(half_up(level) for _, level in found)
        rows.append(tie_row("mrr_movements, and the mrr of subscriptions", str(currency), minor, 0))
    facts = [Fact(level, currency, question.today) for currency, level in known]
    converted = [major for fact in facts if (major := question.table.convert(fact)) is not None]
    if converted:
        total = half_up(sum(converted, Fraction(0)) * 10 ** exponent(question.currency))
        name = "mrr_movements, and the mrr of subscriptions at the rate of the as-of day"
        rows.append(tie_row(name, question.currency, total, 0))
    return rows
