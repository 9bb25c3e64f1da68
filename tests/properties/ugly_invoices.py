"""Invoices and what pays them: InvoicePayments, or the fields of before there were any."""

from dataclasses import dataclass
from random import Random
from typing import Any

from ..oracle import shapes, shapes_catalogue
from ..oracle.merchant import deleted
from ..oracle.objects import Body
from .ugly_payments import Payments

INVOICE_STATUSES = ("draft", "open", "void", "paid", "paid", "paid", "uncollectible", "archived")
PAID_STATUSES = {"paid", "uncollectible", "void"}
INCLUSIVE = {"tax_behavior": "inclusive"}
LINK_STATUSES = ("paid", "paid", "open", "canceled")


@dataclass
class Invoices(Payments):
    """Makes up invoices."""

    def paid_invoices(self, owner: str | None) -> None:
        """One payment for one to three invoices, one perhaps twice; its charge may be unread."""
        currency = self.pick(*self.currencies)
        intent = self.key("pi")
        invoices = [self.invoice(owner, currency) for _ in range(self.pick(1, 1, 2, 3))]
        charge = self.charge(owner, currency, self.pick(intent, intent, None))
        for invoice in [*invoices, *invoices[: self.pick(0, 0, 0, 1)]]:
            way = self.pick(self.link, self.link, self._name_the_payment)
            way(invoice, charge, intent)
        if self.chance(20):  # as charges once did, be it the only link or one more
            charge["invoice"] = invoices[0]["id"]
        self.take_back(charge)
        if charge["payment_intent"] and self.chance(10):
            self.bodies = [body for body in self.bodies if body["id"] != charge["id"]]

    def _name_the_payment(self, invoice: Body, charge: Body, intent: str) -> None:
        """As invoices once did: by the charge, and by the intent if there is one."""
        invoice["charge"] = charge["id"]
        invoice["payment_intent"] = charge["payment_intent"]
        if self.chance(30):
            self.link(invoice, charge, intent)

    def link(self, invoice: Body, charge: Body, intent: str) -> None:
        """An InvoicePayment in any status, by intent or, for old charges, by the charge."""
        payment: Body = {"type": "payment_intent", "payment_intent": intent}
        transitions = {"canceled_at": None, "paid_at": self.pick(None, self.moment())}
        if charge["payment_intent"] is None:
            payment = {"type": "charge", "charge": charge["id"]}
        if self.chance(5):  # reported from outside of Stripe: it links no charge
            payment = {"type": "payment_record", "payment_record": self.key("prec")}
        paid = self.pick(None, 0, invoice["amount_paid"], self.amount())
        key, made = self.key("inpay"), self.moment()
        self.add(
            shapes.invoice_payment(
                key, invoice["id"], None, paid,
                payment=payment, status=self.pick(*LINK_STATUSES), created=made,
                status_transitions=transitions,
            )
        )  # fmt: skip

    def plain_invoice(self, owner: str | None) -> None:
        """An invoice without a charge, perhaps paid off Stripe, with credit notes."""
        invoice = self.invoice(owner, self.pick(*self.currencies))
        for _ in range(self.pick(0, 0, 1, 2)):
            self._credit_note(invoice, owner)
        if self.chance(20):
            self._checkout_of(invoice, owner)
        if invoice["status"] == "draft" and self.chance(40):
            self.bodies.append(deleted(invoice))

    def _credit_note(self, invoice: Body, owner: str | None) -> None:
        """Before or after the payment: to the balance, refunded, or given back elsewhere."""
        elsewhere, refunded = self.pick(0, 1, self.amount()), self.pick(0, 0, self.amount())
        self.add(
            shapes.credit_note(
                self.key("cn"), invoice["id"], owner, elsewhere,
                amount=elsewhere + refunded, currency=invoice["currency"], created=self.moment(),
                status=self.pick("issued", "issued", "void"),
                type=self.pick("pre_payment", "post_payment", "mixed"),
                refunds=[{"refund": self.key("re"), "amount_refunded": refunded}],
                customer_balance_transaction=self.pick(None, self.key("cbtxn")),
            )
        )  # fmt: skip

    def _checkout_of(self, invoice: Body, owner: str | None) -> None:
        self.add(
            shapes_catalogue.checkout_session(
                self.key("cs"), owner, None, mode="subscription", invoice=invoice["id"],
                created=invoice["created"], discounts=self._checkout_discounts(),
            )
        )  # fmt: skip

    def invoice(self, owner: str | None, currency: str) -> Body:
        """An invoice: discounted, taxed, shipped, partly paid, paid elsewhere, zero or negative."""
        subtotal = self.pick(0, -self.amount(), *([self.amount()] * 6))
        total = self.pick(subtotal, subtotal, subtotal * 119 // 100, subtotal + 795, 0)
        status = self.pick(*INVOICE_STATUSES)
        # 500 is an older balance.
        paid = self.pick(total, total, total // 3, 500) if status in PAID_STATUSES else 0
        is_paid = status == "paid" or (status == "void" and self.chance(30))
        elsewhere = {"paid_out_of_band": self.chance(50)} if self.chance(15) else {}
        return self.add(
            shapes.invoice(
                self.key("in"), owner, total, currency=currency, created=self.moment(),
                status=status, subtotal=subtotal, amount_paid=max(paid, 0),
                amount_overpaid=self.pick(0, 0, 77),
                amount_paid_off_stripe=self.pick(None, 0, max(paid, 0)),
                starting_balance=self.pick(0, 0, -500, 500),
                total_excluding_tax=self.pick(None, total, min(subtotal, total)),
                paid_at=self.moment() if is_paid and self.chance(85) else None,
                discounts=self.discounts(owner),
                **self._further(subtotal),
                lines=self._lines(currency, owner),
                **elsewhere,
            )
        )  # fmt: skip

    def _lines(self, currency: str, owner: str | None) -> list[Body]:
        """None to twelve; an id that another invoice has too stands once in each."""
        lines = [self.line(currency, owner) for _ in range(self.pick(0, 1, 2, 12))]
        return list({line["id"]: line for line in lines}.values())

    def _further(self, subtotal: int) -> Body:
        """What only some invoices say, or say in the words of an older version."""
        pick: Any = Random(f"{self.prefix} {self._count} invoice").choice
        said: Body = {
            "amount_remaining": pick((None, 0, 1234)),
            "billing_reason": pick(("manual", "subscription_cycle", "new_in_2030", None)),
            "due_date": pick((None, shapes.CREATED + 86_400)),
            "hosted_invoice_url": pick((None, "", "https://invoice.example/i/1")),
            "number": pick((None, "", "ABC-0001")),
            "total_discount_amounts": pick((None, [], [{"amount": 5}, {"amount": 7}])),
        }
        older = {"tax": pick((None, subtotal // 5)), "subscription": pick((None, "sub_1"))}
        details = {
            "type": "subscription_details",
            "subscription_details": {"subscription": "sub_2"},
        }
        newer = {"parent": pick((None, details))}
        return {**said, **pick(({}, older, newer)), **self._of_the_total(pick)}

    def _of_the_total(self, pick: Any) -> Body:
        """Tax within and on top, as today and as once, shipping, and what credit grants paid."""
        on_top, within = {"amount": 19, "tax_behavior": "exclusive"}, {"amount": 7}
        grants = [{"amount": 5, "type": "discount"}]
        granted = {"amount": 3, "type": "credit_balance_transaction"}
        return {
            "total_taxes": pick((None, [], [on_top], [on_top, {**within, **INCLUSIVE}])),
            "total_tax_amounts": pick((None, [{**within, "inclusive": False}])),
            "total_pretax_credit_amounts": pick((None, [], grants, [*grants, granted])),
            "shipping_cost": pick((None, None, {"amount_tax": 95, "amount_total": 795})),
            "amount_shipping": pick((None, 0, 795)),
        }

    def line(self, currency: str, owner: str | None) -> Body:
        """A line: metered, prorated, free, negative, or without what is optional."""
        fields: dict[str, Any] = {"proration": self.chance(25), "currency": currency}
        kinds = ("plain", "plain", "metered", "once", "alone", "unread", *self.prices)
        price = self.prices[self.pick(*kinds)]
        fields["price"] = price if self.chance(5) else price["id"]
        if self.chance(10):
            fields["discounts"] = self.discounts(owner)
        body = shapes.line(
            self.key("il"), self.pick(0, -5, self.amount(), self.amount()),
            self.pick(1, 2, 1000, 0, None), **fields,
        )  # fmt: skip
        if self.chance(10):
            body["quantity_decimal"] = self.pick("0.5", "2.000000000001", "3", "1000.25", None)
        if self.chance(20):
            body[self.pick("pricing", "parent")] = None
        if self.chance(10):
            body["parent"] = {
                "type": "invoice_item_details",
                "invoice_item_details": {"invoice_item": "ii_1", "proration": self.chance(50)},
                "subscription_item_details": None,
            }
        return body | self._as_sold(body)

    def _as_sold(self, line: Body) -> Body:
        """Words, discounts and taxes, an older shape, and an id that another invoice has."""
        pick: Any = Random(f"{self.prefix} {line['id']}").choice
        price = pick([*self.prices.values()])
        plan = {"id": price["id"], "object": "plan", "product": price["product"]}
        said = {
            "description": pick((None, "", "Zeit für Ada", "1 x Coffee")),
            "discount_amounts": pick((None, [], [{"amount": 2}, {"amount": 3, "discount": "di"}])),
            "taxes": pick((None, [], [{"amount": 4, "tax_behavior": "exclusive"}])),
            "tax_amounts": pick((None, [{"amount": 4, "inclusive": pick((True, False, None))}])),
            "subscription": pick((None, "sub_1")),
        }
        older = {
            "pricing": None,
            **pick(({"price": price}, {"plan": plan}, {"price": price["id"]})),
        }
        shared = {"id": f"il_of_many{self.prefix}"}
        return {**said, **pick(({}, {}, {}, older)), **pick((*[{}] * 5, shared))}
