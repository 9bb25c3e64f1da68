"""Ugly merchants: Stripe-shaped objects with everything that real accounts hold and nobody expects.

All choices come from one `Random`, so a seed is a merchant; ids carry the merchant's prefix, so
that many merchants live in one lake without meeting.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from ..oracle import shapes, shapes_catalogue
from ..oracle.merchant import deleted
from ..oracle.objects import Body
from .ugly_values import AMOUNTS, Calendar, contact

T = TypeVar("T")

INVOICE_STATUSES = ("draft", "open", "void", "paid", "paid", "paid", "uncollectible", "archived")
REFUND_STATUSES = (
    *("succeeded", "succeeded", "pending", "requires_action"),
    *("failed", "canceled", "in_transit", None),
)
DISPUTE_STATUSES = (
    *("lost", "lost", "won", "needs_response", "under_review", "warning_closed"),
    *("prevented", "appeal_needs_response", "appeal_under_review", "escalated"),
)
SUBSCRIPTION_STATUSES = (
    *("active", "canceled", "paused", "trialing", "past_due", "unpaid"),
    *("incomplete", "incomplete_expired", "hibernating"),
)
PAID_STATUSES = {"paid", "uncollectible", "void"}
LINK_STATUSES = ("paid", "paid", "open", "canceled")


@dataclass
class Ugly:
    """A merchant being made up; `bodies` is in the order in which a sync would see it."""

    random: Random
    prefix: str
    calendar: Calendar
    currencies: tuple[str, ...]
    bodies: list[Body] = field(default_factory=list)
    _count: int = 0

    def make(self) -> list[Body]:
        """Make up a whole merchant."""
        self.catalogue()
        owners = [self.customer() for _ in range(self.random.randint(1, 3))]
        owners += [None, self.key("cus")]  # a guest, and a customer that was never read
        for owner in owners:
            for _ in range(self.random.randint(0, 3)):
                self.pick(self.paid_invoices, self.plain_invoice, self.payment)(owner)
            for _ in range(self.random.randint(0, 2)):
                self.pick(self.subscription, self.checkout)(owner)
        return self.bodies

    def pick(self, *options: T) -> T:
        """One of these."""
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        """True that often."""
        return self.random.randrange(100) < percent

    def key(self, kind: str) -> str:
        """A new id; its letter makes ids sort otherwise than they were made."""
        self._count += 1
        return f"{kind}_{self.pick('a', 'B', 'z', '0')}{self.prefix}x{self._count}"

    def moment(self) -> int:
        """One of few moments, so that ties and boundaries are common."""
        return self.pick(*self.calendar.moments)

    def add(self, body: Body) -> Body:
        """Add an object, some of them twice, as overlapping syncs would."""
        self.bodies.append(body)
        if self.chance(5):
            self.bodies.append(dict(body))
        return body

    def customer(self) -> str:
        """A customer: living, deleted, known by the stub alone, or on a test clock."""
        clock = "clock_1" if self.chance(10) else None
        fields = contact(self.random)
        body = shapes.customer(self.key("cus"), self.moment(), test_clock=clock, **fields)
        if self.chance(15):
            self.bodies += [body, deleted(body)] if self.chance(70) else [deleted(body)]
            return body["id"]
        return self.add(body)["id"]

    def paid_invoices(self, owner: str | None) -> None:
        """One payment for one to three invoices, one perhaps twice; its charge may be unread."""
        currency = self.pick(*self.currencies)
        intent = self.key("pi")
        invoices = [self.invoice(owner, currency) for _ in range(self.pick(1, 1, 2, 3))]
        charge = self.charge(owner, currency, self.pick(intent, intent, None))
        for invoice in [*invoices, *invoices[: self.pick(0, 0, 0, 1)]]:
            self.link(invoice, charge, intent)
        self.take_back(charge)
        if charge["payment_intent"] and self.chance(10):
            self.bodies = [body for body in self.bodies if body["id"] != charge["id"]]

    def link(self, invoice: Body, charge: Body, intent: str) -> None:
        """An InvoicePayment in any status, by intent or, for old charges, by the charge."""
        payment: Body = {"type": "payment_intent", "payment_intent": intent}
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
            )
        )  # fmt: skip

    def plain_invoice(self, owner: str | None) -> None:
        """An invoice without a charge, perhaps paid off Stripe, with credit notes."""
        invoice = self.invoice(owner, self.pick(*self.currencies))
        for _ in range(self.pick(0, 0, 1, 2)):
            self.add(
                shapes.credit_note(
                    self.key("cn"), invoice["id"], owner, self.pick(0, 1, self.amount()),
                    currency=invoice["currency"], created=self.moment(),
                    status=self.pick("issued", "issued", "void"),
                )
            )  # fmt: skip
        if invoice["status"] == "draft" and self.chance(40):
            self.bodies.append(deleted(invoice))

    def invoice(self, owner: str | None, currency: str) -> Body:
        """An invoice: discounted, taxed, partly paid, zero or negative."""
        subtotal = self.pick(0, -self.amount(), *([self.amount()] * 6))
        total = self.pick(subtotal, subtotal, subtotal * 119 // 100, 0)
        status = self.pick(*INVOICE_STATUSES)
        created = self.moment()
        paid = self.pick(total, total, total // 3) if status in PAID_STATUSES else 0
        is_paid = status == "paid" or (status == "void" and self.chance(30))
        return self.add(
            shapes.invoice(
                self.key("in"), owner, total, currency=currency, created=created, status=status,
                subtotal=subtotal, amount_paid=max(paid, 0),
                total_excluding_tax=self.pick(None, total, min(subtotal, total)),
                paid_at=self.moment() if is_paid else None,
                discounts=self.discounts(owner),
                lines=[self.line(currency) for _ in range(self.pick(0, 1, 2, 12))],
            )
        )  # fmt: skip

    def line(self, currency: str) -> Body:
        """A line: metered, prorated, free, negative, or without what is optional."""
        fields: dict[str, Any] = {"proration": self.chance(25), "currency": currency}
        fields["price"] = self.pick(*self.prices())
        body = shapes.line(
            self.key("il"), self.pick(0, -5, self.amount(), self.amount()),
            self.pick(1, 2, 1000, 0, None), **fields,
        )  # fmt: skip
        if self.chance(20):
            body[self.pick("pricing", "parent")] = None
        if self.chance(10):
            body["parent"] = {
                "type": "invoice_item_details",
                "invoice_item_details": {"invoice_item": "ii_1", "proration": self.chance(50)},
                "subscription_item_details": None,
            }
        return body

    def prices(self) -> list[str]:
        """Prices: licensed twice, metered, for once, never read, and in subscriptions alone."""
        return [f"price_{letter}{self.prefix}" for letter in "llmoun"]

    def catalogue(self) -> None:
        """Prices, products and coupons: named, nameless, deleted, and some never read."""
        licensed, _, metered, once, *_ = self.prices()
        coupons = (f"{letter}{self.prefix}" for letter in "NDX")
        named, deleted_, nameless = map(shapes_catalogue.coupon, coupons, ("Ten", "Gone", None))
        self.bodies += [
            shapes_catalogue.product(f"prod_{self.prefix}", self.pick("Coffee", "Thé vert")),
            shapes_catalogue.price(licensed),
            shapes_catalogue.metered(metered, unit_amount=None),
            shapes_catalogue.price(once, recurring=None),
            *(named, nameless, deleted_, deleted(deleted_)),
        ]

    def discounts(self, owner: str | None) -> list[Body]:
        """Discounts of an invoice; the coupon may be one that nobody reads."""
        coupons = [f"{letter}{self.prefix}" for letter in "NDXU"]
        keys = [self.pick(*coupons) for _ in range(self.pick(0, 0, 1, 2))]
        return [shapes_catalogue.discount(self.key("di"), key, owner) for key in keys]

    def items(self, of: str) -> list[Body]:
        """A subscription's items; one metered price stands in subscriptions alone."""
        licensed, *_, alone = self.prices()
        product = self.pick(f"prod_{self.prefix}", f"prod_u{self.prefix}")
        nickname = self.pick(None, "Plan B")
        prices = [
            shapes_catalogue.price(licensed, product=product, nickname=nickname),
            shapes_catalogue.metered(alone, unit_amount=None),
        ]
        return [
            shapes_catalogue.subscription_item(
                self.key("si"), of, self.pick(*prices),
                current_period_end=self.calendar.soon(self.random),
            )
            for _ in range(self.pick(1, 1, 2))
        ]  # fmt: skip

    def charge(self, owner: str | None, currency: str, intent: str | None) -> Body:
        """A charge: captured in part, only authorised, failed, or good."""
        amount = self.amount()
        captured = self.chance(90)
        part = self.pick(amount, amount, amount // 2) if captured else 0
        return self.add(
            shapes.charge(
                self.key(self.pick("ch", "py")), owner, amount, currency=currency,
                amount_captured=part, captured=captured, created=self.moment(),
                payment_intent=intent,
                status=self.pick(*["succeeded"] * 8, "failed", "pending"),
            )
        )  # fmt: skip

    def payment(self, owner: str | None) -> None:
        """A one-off payment, through Checkout or not."""
        intent = self.pick(None, self.key("pi"))
        charge = self.charge(owner, self.pick(*self.currencies), intent)
        if intent and self.chance(50):
            quantities = [self.pick(1, 2, 40, None) for _ in range(self.pick(0, 1, 3, 11))]
            self.add(
                shapes_catalogue.checkout_session(
                    self.key("cs"), owner, intent,
                    quantities=quantities, created=charge["created"],
                )
            )  # fmt: skip
        self.take_back(charge)

    def take_back(self, charge: Body) -> None:
        """Refunds and disputes of a charge, some of which say only the payment intent."""
        intent = charge["payment_intent"]
        for _ in range(self.pick(0, 0, 1, 2, 3)):
            key, created = self.key("x"), self.moment()
            of = self.pick(charge["id"], charge["id"], None) if intent else charge["id"]
            amount = self.pick(charge["amount_captured"], charge["amount_captured"] // 3, 1)
            fields: dict[str, Any] = {
                "created": created,
                "currency": charge["currency"],
                "payment_intent": self.pick(intent, intent, None) if of else intent,
            }
            if self.chance(70):
                status = self.pick(*REFUND_STATUSES)
                self.add(shapes.refund(f"re_{key}", of, amount, status=status, **fields))
            else:
                status = self.pick(*DISPUTE_STATUSES)
                self.add(shapes.dispute(f"dp_{key}", of, amount, status=status, **fields))

    def subscription(self, owner: str | None) -> None:
        """A subscription in any status, its collection perhaps paused."""
        if owner is None:
            return
        ends = self.calendar.soon(self.random)
        key = self.key("sub")
        self.add(
            shapes_catalogue.subscription(
                key, owner, self.items(key),
                status=self.pick(*SUBSCRIPTION_STATUSES), created=self.moment(),
                pause_collection=self.pick(None, None, {"behavior": "void", "resumes_at": None}),
                trial_end=self.pick(None, ends),
                cancel_at=self.pick(None, None, ends, ends + 1, ends - 1),
                cancel_at_period_end=self.chance(20),
            )
        )  # fmt: skip

    def checkout(self, owner: str | None) -> None:
        """A Checkout that led to no charge."""
        created = self.moment()
        self.add(
            shapes_catalogue.checkout_session(
                self.key("cs"), owner, None, created=created,
                expires_at=self.pick(created, created + 1, self.moment()),
                after_expiration=self.recovery(),
                status=self.pick("expired", "expired", "open", "complete", "forgotten"),
                payment_status=self.pick("unpaid", "unpaid", "paid", "no_payment_required"),
            )
        )  # fmt: skip

    def recovery(self) -> Body | None:
        """Where an expired Checkout can be taken up again, for some time."""
        url = {"url": f"https://example.com/{self._count}", "allow_promotion_codes": False}
        found = {"recovery": {**url, "enabled": True, "expires_at": self.moment()}}
        return self.pick(None, {"recovery": None}, found, found)

    def amount(self) -> int:
        """A positive amount, tiny to huge."""
        return self.pick(*AMOUNTS)
