"""Subscriptions in any status, with items of any price, and discounts on either."""

from dataclasses import dataclass

from ..oracle import shapes, shapes_catalogue
from ..oracle.objects import Body
from .ugly_catalogue import Catalogue

SUBSCRIPTION_STATUSES = (
    *(*["active"] * 7, *["past_due"] * 4, "canceled", "paused", "trialing"),
    *("unpaid", "incomplete", "incomplete_expired", "hibernating"),
)
# Prices of which all is known, the most common ones.
TOLD = ("plain", "decimal", "yearly", "packed", "graduated", "volume", "foreign")
MONTH = 30 * 86_400
QUANTITIES = (None, 0, 1, 1, 2, 3, 10, 11, 17, 100, 1000)


@dataclass
class Subscriptions(Catalogue):
    """Makes up subscriptions."""

    def subscription(self, owner: str | None) -> None:
        """A subscription in any status, its collection perhaps paused."""
        if owner is None:
            return
        ends, key = self.calendar.soon(self.random), self.key("sub")
        items = self.items(key, owner)
        self.renewals(key, owner, items)
        own = (self.currency, self.currency, self.currency, self.pick(*self.currencies))
        self.add(
            shapes_catalogue.subscription(
                key, owner, items,
                status=self.pick(*SUBSCRIPTION_STATUSES), created=self.moment(),
                currency=self.pick(*own) if self.chance(85) else None,
                discounts=self.discounts(owner),
                pause_collection=self.pick(*[None] * 4, {"behavior": "void", "resumes_at": None}),
                start_date=self.moment(),
                trial_start=self.pick(None, self.moment()),
                trial_end=self.pick(None, ends),
                cancel_at=self.pick(None, None, ends, ends + 1, ends - 1),
                cancel_at_period_end=self.chance(20),
                canceled_at=self.pick(None, self.moment()),
                ended_at=self.pick(None, None, self.moment()),
                cancellation_details=self.pick(
                    None, {"reason": "payment_failed", "feedback": "unused"}
                ),
            )
        )  # fmt: skip

    def renewals(self, key: str, owner: str, items: list[Body]) -> None:
        """Invoices of a subscription's items: of other amounts, with gaps, twice, not yet paid."""
        start, currency = self.moment(), self.pick(self.currency, *self.currencies)
        for _ in range(self.pick(0, 1, 2, 4)):
            lines = [self.renewal(key, owner, item, start) for item in items]
            body = shapes.invoice(
                self.key("in"), owner, self.amount(), created=start, currency=currency,
                status=self.pick("paid", "paid", "paid", "open"), lines=lines,
            )  # fmt: skip
            details = {"subscription": key}
            by = {"parent": {"type": "subscription_details", "subscription_details": details}}
            self.add(body | self.pick(by, by, {"subscription": key}))
            start += self.pick(0, MONTH, MONTH, MONTH, 2 * MONTH)

    def renewal(self, key: str, owner: str, item: Body, start: int) -> Body:
        """A line for one item's next period."""
        price = item["price"] if isinstance(item["price"], str) else item["price"]["id"]
        body = shapes.line(self.key("il"), self.amount(), price=price, proration=self.chance(10))
        body["parent"]["subscription_item_details"]["subscription_item"] = item["id"]
        body["period"] = {"start": start, "end": start + self.pick(MONTH, MONTH, 12 * MONTH, 0)}
        body["discount_amounts"] = [
            {"amount": self.pick(0, 1, 5), "discount": discount["id"]}
            for discount in self.discounts(owner)
            if isinstance(discount, dict)
        ]
        return body

    def seldom_billed(self, owner: str) -> None:
        """One that is billed seldomer than monthly, with an amount off each time."""
        key = f"sub_{self.prefix}off"
        item = shapes_catalogue.subscription_item(
            f"si_{self.prefix}off", key, self.prices["yearly"]
        )
        discount = shapes_catalogue.discount(f"di_{self.prefix}off", f"X{self.prefix}", owner)
        body = shapes_catalogue.subscription(
            key, owner, [item], currency=self.currency, discounts=[discount | {"start": None}]
        )
        self.bodies.append(body)

    def items(self, of: str, owner: str) -> list[Body]:
        """A subscription's items: seldom one for each kind of price, now and then an id alone."""
        return [
            shapes_catalogue.subscription_item(
                self.key("si"), of, self._embedded(),
                current_period_end=self.calendar.soon(self.random),
                discounts=self.discounts(owner) if self.chance(40) else [],
                quantity=self.pick(*QUANTITIES),
            )
            for _ in range(self.pick(1, 1, 1, 2, 3))
        ]  # fmt: skip

    def _embedded(self) -> Body | str:
        """A price as it stands in an item: tiers and other currencies are told in lists alone."""
        kinds = [kind for kind in self.prices if kind != "unread"]
        body = self.prices[self.pick(*kinds, *TOLD, *TOLD)]
        if self.chance(8):
            return str(body["id"])
        kept = {"currency_options"} if self.chance(80) else {"currency_options", "tiers"}
        return {name: value for name, value in body.items() if name not in kept}
