"""Prices of every kind, coupons of every kind, and discounts in and out of force."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..oracle import shapes_catalogue
from ..oracle.merchant import deleted
from ..oracle.objects import Body
from .ugly_base import Maker
from .ugly_values import TIERS

# Prices that are in no list: one stands in subscriptions alone, one nowhere.
UNLISTED = {"alone", "unread"}
DECIMALS = ("0.0375", "33.333333333333", "0.5", "1050.5", "0.000000001", "7")


@dataclass
class Catalogue(Maker):
    """Makes up what is sold, and what comes off."""

    prices: dict[str, Body] = field(default_factory=dict)
    coupons: dict[str, Body] = field(default_factory=dict)
    currency: str = "usd"

    def catalogue(self) -> None:
        """Products, prices and coupons: named, nameless, deleted, and some never read."""
        self.currency = self.pick(*self.currencies)
        for letter, name in (("", self.pick("Coffee", "Thé vert")), ("b", "Beans")):
            self.bodies.append(shapes_catalogue.product(f"prod_{letter}{self.prefix}", name))
        self.prices = {kind: self._price(kind, **fields) for kind, fields in self._kinds()}
        self.bodies += [body for kind, body in self.prices.items() if kind not in UNLISTED]
        self.coupons = {body["id"]: body for body in self._coupons()}
        for body in self.coupons.values():
            if not body["id"].startswith("U"):
                self.bodies.append(body)
        self.bodies.append(deleted(self.coupons[f"D{self.prefix}"]))
        self._promotion_codes()

    def _price(self, kind: str, **fields: Any) -> Body:
        product = self.pick(*(f"prod_{letter}{self.prefix}" for letter in ("", "b", "u")))
        every = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
        if fields.get("recurring", every) is not None:
            fields["recurring"] = {**every, **fields.get("recurring", {})}
        common = {"product": product, "nickname": self.pick(None, "Plan B")}
        body = shapes_catalogue.price(f"price_{kind}{self.prefix}", min(self.amount(), 2**33))
        body |= {"currency": self.currency, "unit_amount_decimal": None, **common, **fields}
        return body

    def _kinds(self) -> Iterator[tuple[str, Body]]:
        """What is special about each price."""
        none: Body = {"unit_amount": None}
        metered = {"usage_type": "metered", "meter": "mtr_1"}
        yield "plain", {}
        yield "metered", {**none, "recurring": metered}
        yield "alone", {**none, "recurring": metered}
        yield "once", {"recurring": None}
        yield "unread", {}
        yield "custom", none
        yield "decimal", {"unit_amount_decimal": self.pick(*DECIMALS)}
        yield "cents", {**none, "unit_amount_decimal": self.pick(*DECIMALS), **self._every("day")}
        yield "weekly", {"unit_amount": 3333, **self._every("week")}
        yield "yearly", {"unit_amount": self.pick(100_000, 10_000, 700), **self._every("year")}
        yield "quarterly", {"unit_amount": 100, **self._every("month", 3)}
        yield "strange", self._every("fortnight")
        yield "packed", {"unit_amount": 500, **self._packed("up")}
        yield "loose", {"unit_amount": 500, **self._packed("down")}
        yield "graduated", self._tiers("graduated")
        yield "volume", self._tiers("volume")
        yield "untold", {**self._tiers("graduated"), "tiers": None}
        yield "foreign", self._foreign()
        yield "foreign_tiers", {**self._tiers("volume"), **self._foreign(tiers=True)}

    def _every(self, interval: str, count: int | None = None) -> Body:
        times = count or self.pick(1, 1, 2, 3, 7)
        return {"recurring": {"interval": interval, "interval_count": times}}

    def _packed(self, how: str) -> Body:
        return {"transform_quantity": {"divide_by": self.pick(3, 10, 1000), "round": how}}

    def _tiers(self, mode: str) -> Body:
        tiers = self.pick(*TIERS)
        return {
            "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers, "unit_amount": None,
            **self._every("month"),
        }  # fmt: skip

    def _foreign(self, tiers: bool = False) -> Body:
        """In another currency, with or without amounts in the merchant's own."""
        amounts = {"unit_amount": 777, "unit_amount_decimal": self.pick(None, "777.7")}
        option = {"tiers": self.pick(*TIERS)} if tiers else amounts
        options = self.pick(None, {"sek": {"unit_amount": 1}}, *[{self.currency: option}] * 4)
        return {"currency": "chf", "currency_options": options}

    def _coupons(self) -> Iterator[Body]:
        """Per cents and amounts: deleted, for once, for one product, in other money, never read."""
        own, product = self.currency, f"prod_{self.prefix}"
        options = self.pick(None, {own: {"amount_off": self.pick(50, 333)}})
        yield self._coupon("N", name="Ten")
        yield self._coupon("D", name="Gone", percent_off=25.5, duration="repeating")
        yield self._coupon(
            "X", percent_off=None, amount_off=self.amount() % 1000 or 333, currency=own
        )
        yield self._coupon("O", percent_off=50.0, duration="once", name="Once")
        yield self._coupon("P", percent_off=33.33, applies_to={"products": [product]})
        yield self._coupon("A", percent_off=None, amount_off=500, currency="chf",
                           currency_options=options)  # fmt: skip
        yield self._coupon("Q", percent_off=None, amount_off=self.pick(1, 5000), currency=own,
                           applies_to={"products": [product, "prod_elsewhere"]})  # fmt: skip
        yield self._coupon("F", percent_off=100, name="Ten", duration="repeating")
        yield self._coupon("U", percent_off=12.5)

    def _coupon(self, letter: str, name: str | None = None, **fields: Any) -> Body:
        return shapes_catalogue.coupon(f"{letter}{self.prefix}", name) | fields

    def _promotion_codes(self) -> None:
        for number, coupon in enumerate(self.coupons):
            key = f"promo_{number}{self.prefix}"
            self.bodies.append(shapes_catalogue.promotion_code(key, coupon))

    def coupon(self) -> Any:
        """A coupon by its id, now and then whole."""
        key = self.pick(*self.coupons)
        return self.coupons[key] if self.chance(15) else key

    def code(self) -> Any:
        """A promotion code by its id, perhaps one that no one read, or whole."""
        number = self.random.randrange(len(self.coupons) + 1)
        key = f"promo_{number}{self.prefix}"
        is_whole = number < len(self.coupons) and self.chance(20)
        coupon = [*self.coupons, ""][number]
        return shapes_catalogue.promotion_code(key, coupon) if is_whole else key

    def discounts(self, owner: str | None) -> list[Any]:
        """Discounts in and out of force; some coupons no one read."""
        found = [self.discount(owner) for _ in range(self.pick(0, 0, 0, 1, 2))]
        return [body["id"] if self.chance(10) else body for body in found]

    def discount(self, owner: str | None) -> Body:
        """A discount that holds or names its coupon, perhaps not yet or no longer in force."""
        body = shapes_catalogue.discount(self.key("di"), self.coupon(), owner)
        now = self.calendar.as_of
        starts = (body["start"], body["start"], None, now, now + 1)
        ends = (None, None, None, now, now + 1, now - 86_400)
        return body | {"start": self.pick(*starts), "end": self.pick(*ends)}
