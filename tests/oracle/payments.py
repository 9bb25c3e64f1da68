"""Which invoices a payment pays, and how an amount is shared among them.

An InvoicePayment says so, or the fields of before there were any: `invoice.charge`,
`invoice.payment_intent` and `charge.invoice`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .bodies import created_of
from .objects import Body, Objects, id_of


@dataclass(frozen=True, order=True)
class Link:
    """A payment pays an invoice; sorts by (created, id)."""

    created: int
    id: str
    invoice: str
    amount_paid: int


class PaymentLinks:
    """Finds a payment's invoices by its payment intent or its charge."""

    def __init__(self, objects: Objects) -> None:
        self._real: dict[str, set[Link]] = {}
        self._old: dict[str, set[Link]] = {}
        known = objects.can_read("invoice_payments")
        for body in objects.live("invoice_payments") if known else ():
            payment = body.get("payment") or {}
            keys = (id_of(payment.get("payment_intent")), id_of(payment.get("charge")))
            _file(self._real, keys, _link(body, str(id_of(body["invoice"]))))
        self._read_old_shapes(objects)

    def _read_old_shapes(self, objects: Objects) -> None:
        invoices = {body["id"]: body for body in objects.live("invoices")}
        charges = {body["id"]: body for body in objects.live("charges")}
        for key, invoice in invoices.items():
            charge = id_of(invoice.get("charge")) or ""
            named = (charge, id_of(invoice.get("payment_intent")), _intent(charges.get(charge)))
            self._file_old(named, _link(invoice, key))
        for key, body in charges.items():
            paid = id_of(body.get("invoice"))
            if paid:
                unread = {"id": paid, "created": body["created"]}
                self._file_old((key, _intent(body)), _link(invoices.get(paid, unread), paid))

    def _file_old(self, named: tuple[str | None, ...], link: Link) -> None:
        """What an InvoicePayment says of any of a payment's ids goes before this."""
        real = {each.invoice for key in named if key for each in self._real.get(key, ())}
        if link.invoice not in real:
            _file(self._old, named, link)

    def paid_by_invoice(self) -> dict[str, int]:
        """What Stripe's own payments paid of each invoice, each link once."""
        links = {
            link for index in (self._real, self._old) for found in index.values() for link in found
        }
        return _summed((link.invoice, link.amount_paid) for link in links)

    def of(self, *references: str | None) -> list[Link]:
        """The links of a payment that goes by any of these ids, in order of (created, id)."""
        keys = [key for key in references if key]
        real = {link for key in keys for link in self._real.get(key, ())}
        return sorted(real | {link for key in keys for link in self._old.get(key, ())})


def _intent(charge: Body | None) -> str | None:
    return id_of((charge or {}).get("payment_intent"))


def _file(index: dict[str, set[Link]], keys: Iterable[str | None], link: Link) -> None:
    for key in keys:
        if key:
            index.setdefault(key, set()).add(link)


def _link(body: Body, invoice: str) -> Link:
    """By an InvoicePayment, or by the invoice itself."""
    return Link(created_of(body), body["id"], invoice, body.get("amount_paid") or 0)


def share(amount: int, links: list[Link]) -> dict[str, int]:
    """Share an amount among the invoices: floor by what each was paid, the rest on the last."""
    total = sum(link.amount_paid for link in links)
    parts = [amount * link.amount_paid // total if total else 0 for link in links]
    parts[-1] += amount - sum(parts)
    return _summed(zip((link.invoice for link in links), parts, strict=True))


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, 0) + amount
    return sums
