"""Ugly merchants: Stripe-shaped objects with everything that real accounts hold and no one expects.

All choices come from one `Random`, so a seed is a merchant; ids carry the merchant's prefix, so
that many merchants live in one lake and meet only in what their customers share.
"""

from dataclasses import dataclass

from ..oracle import shapes
from ..oracle.merchant import deleted
from ..oracle.objects import Body
from .ugly_ages import Ages
from .ugly_invoices import Invoices
from .ugly_values import METADATA, contact


@dataclass
class Ugly(Invoices):
    """A merchant being made up; `bodies` is in the order in which a sync would see it."""

    def make(self) -> list[Body]:
        """Make up a whole merchant."""
        self.catalogue()
        owners: list[str | None] = [self.customer() for _ in range(self.random.randint(1, 3))]
        owners += [None, self.key("cus")]  # a guest, and a customer that was never read
        for owner in owners:
            for _ in range(self.random.randint(0, 3)):
                self.pick(self.paid_invoices, self.plain_invoice, self.payment)(owner)
            for _ in range(self.random.randint(0, 3)):
                self.pick(self.subscription, self.subscription, self.checkout)(owner)
        self.family()
        self.seldom_billed(f"cus_{self.prefix}b")
        ages = Ages(self.random, [*self.bodies, *self.coupons.values(), *self.prices.values()])
        return [ages.rendered(body) for body in self.bodies]

    def customer(self) -> str:
        """A customer: living, deleted, known by the stub alone, or on a test clock."""
        clock = "clock_1" if self.chance(10) else None
        fields = contact(self.random, self.prefix)
        key = self.key("cus")
        body = shapes.customer(
            key, self.moment(), test_clock=clock, metadata=self._said(), **fields
        )
        body["discount"] = self.discount(key) if self.chance(25) else None
        if self.chance(15):
            self.bodies += [body, deleted(body)] if self.chance(70) else [deleted(body)]
            return key
        return str(self.add(body)["id"])

    def _said(self) -> Body | None:
        """Metadata, with values that several customers have, empty ones, and odd keys."""
        values = {
            key: self.pick("", " ", "gold", " gold ", "GOLD", f"{self.prefix}", "0")
            for key in METADATA
            if self.chance(40)
        }
        return self.pick(values, values, {}, None)

    def family(self) -> None:
        """Customers with ids that overrides name, and now and then a mailbox of many."""
        for letter in "ab":
            fields = contact(self.random, self.prefix)
            key = f"cus_{self.prefix}{letter}"
            self.add(shapes.customer(key, self.moment(), metadata=self._said(), **fields))
        if self.chance(10):
            address = f"{self.pick('we', 'Info+x')}@{self.prefix}.example.com"
            for number in range(self.pick(4, 5, 6)):
                key = f"cus_{self.prefix}_{number}"
                self.add(shapes.customer(key, self.moment(), email=address))
