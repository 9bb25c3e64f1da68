"""Which invoices a payment pays, by InvoicePayment, and how an amount is shared among them."""

from collections.abc import Iterable
from dataclasses import dataclass

from .objects import Body, Objects, id_of


@dataclass(frozen=True, order=True)
class InvoicePayment:
    """The link between a payment and an invoice; sorts by (created, id)."""

    created: int
    id: str
    invoice: str
    payment_intent: str | None
    charge: str | None
    amount_paid: int


class PaymentLinks:
    """Finds a payment's invoices by its payment intent or its charge."""

    def __init__(self, objects: Objects) -> None:
        self._by_payment: dict[str, list[InvoicePayment]] = {}
        for body in objects.live("invoice_payments"):
            link = _link(body)
            for key in {link.payment_intent, link.charge} - {None}:
                self._by_payment.setdefault(str(key), []).append(link)

    def of(self, *references: str | None) -> list[InvoicePayment]:
        """The links of a payment that goes by any of these ids, in order of (created, id)."""
        found = {
            link for key in references if key is not None for link in self._by_payment.get(key, [])
        }
        return sorted(found)


def _link(body: Body) -> InvoicePayment:
    payment = body.get("payment") or {}
    return InvoicePayment(
        created=body["created"],
        id=body["id"],
        invoice=str(id_of(body["invoice"])),
        payment_intent=id_of(payment.get("payment_intent")),
        charge=id_of(payment.get("charge")),
        amount_paid=body.get("amount_paid") or 0,
    )


def share(amount: int, links: list[InvoicePayment]) -> dict[str, int]:
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
