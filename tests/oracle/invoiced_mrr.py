"""What a subscription brought in a month before it was first seen: the lines of paid invoices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from .bodies import (
    coupon_of,
    created_of,
    entries,
    invoice_currency,
    invoice_status,
    is_proration,
    line_price,
    seen_discounts,
)
from .items import subscription_of
from .objects import Body, Objects, id_of
from .prices import MONTHLY, recurrence
from .question import Question, instant


@dataclass(frozen=True)
class Line:
    """A period of an item that was paid for; `monthly` is None where it can't be told."""

    item: str
    starts: int
    ends: int
    invoice: tuple[int, str]
    monthly: Fraction | None


class Invoiced:
    """Steps of revenue, by subscription; reads the invoices once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._prices = objects.last_body("prices")
        self._coupons = objects.last_body("coupons")
        self._discounts = seen_discounts(objects)
        self._invoices: dict[str | None, list[Body]] = {}
        for body in objects.live("invoices") if objects.can_read("invoices") else []:
            if invoice_status(body) == "paid" and question.exists(created_of(body)):
                self._invoices.setdefault(subscription_of(body), []).append(body)

    def steps(
        self, subscription: str, currency: str | None
    ) -> list[tuple[datetime, Fraction | None]]:
        """The instants at which what is invoiced a month changed, and what it is from then on."""
        periods = self._periods(subscription, currency)
        if not periods:
            return []
        last_start = max(line.starts for line in periods)
        bounded = [(line, _end(line, periods)) for line in periods]
        closed = [end for _, end in bounded if end <= last_start]
        moments = sorted({line.starts for line in periods} | set(closed))
        return [(instant(at), _sum_at(at, bounded, last_start)) for at in moments]

    def paid_until(self, subscription: str, currency: str | None) -> datetime | None:
        """When the last period that was paid for ends."""
        ends = [line.ends for line in self._periods(subscription, currency)]
        return instant(max(ends)) if ends else None

    def _periods(self, subscription: str, currency: str | None) -> list[Line]:
        """The lines, of a period that was invoiced twice those of the later invoice."""
        invoices = self._invoices.get(subscription, [])
        lines = [line for body in invoices for line in self._lines(body, currency)]
        newest: dict[tuple[str, int], tuple[int, str]] = {}
        for line in lines:
            key = (line.item, line.starts)
            newest[key] = max(newest.get(key, line.invoice), line.invoice)
        return [line for line in lines if newest[line.item, line.starts] == line.invoice]

    def _lines(self, invoice: Body, currency: str | None) -> Iterator[Line]:
        for body in entries(invoice, "lines"):
            item, period = _item_of(body), body.get("period") or {}
            starts, ends = period.get("start") or 0, period.get("end") or 0
            price = line_price(body)
            listed = self._prices.get(id_of(price) or "", {})
            held = price if isinstance(price, dict) else {}
            every = {**recurrence(listed), **recurrence(held)} if held or listed else {}
            usages = {recurrence(each).get("usage_type") for each in (held, listed)}
            is_once = bool(listed) and not recurrence(listed) and not recurrence(held)
            if item is None or starts >= ends or is_proration(body):
                continue
            if "metered" in usages or is_once:
                continue
            is_own = currency is not None and invoice_currency(invoice) == currency
            monthly = self._monthly(body, every) if is_own else None
            yield Line(item, starts, ends, (created_of(invoice), invoice["id"]), monthly)

    def _monthly(self, line: Body, every: Body) -> Fraction | None:
        count = every.get("interval_count")
        count = 1 if count is None else count
        if every.get("interval") not in MONTHLY or count <= 0 or line.get("amount") is None:
            return None
        taken = [each for each in line.get("discount_amounts") or [] if not self._is_once(each)]
        left = line["amount"] - sum(each["amount"] for each in taken)
        return Fraction(left) * MONTHLY[every["interval"]] / Fraction(count)

    def _is_once(self, taken: Body) -> bool:
        discount = self._discounts.get(id_of(taken["discount"]) or "")
        reference = coupon_of(discount) if discount else None
        held = reference if isinstance(reference, dict) else {}
        coupon = self._coupons.get(id_of(reference) or "", held)
        return coupon.get("duration") == "once"


def _item_of(line: Body) -> str | None:
    details = (line.get("parent") or {}).get("subscription_item_details") or {}
    return id_of(details.get("subscription_item")) or id_of(line.get("subscription_item"))


def _end(line: Line, lines: list[Line]) -> int:
    """The end of its period, or the beginning of the item's next one."""
    same = [each for each in lines if each.item == line.item]
    ends = max(each.ends for each in same if each.starts == line.starts)
    return min([ends, *(each.starts for each in same if each.starts > line.starts)])


def _sum_at(at: int, bounded: list[tuple[Line, int]], last_start: int) -> Fraction | None:
    running = [
        line.monthly
        for line, end in bounded
        if line.starts <= at and (at < end or end > last_start)
    ]
    if None in running:
        return None
    return max(sum((each for each in running if each is not None), Fraction(0)), Fraction(0))
