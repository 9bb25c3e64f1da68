"""The same objects as older API versions rendered them, and with references expanded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ..oracle.bodies import entries
from ..oracle.objects import Body

OLD = 30  # per cent of the objects that a sync of years ago wrote
EXPANDED = 10
# References that may stand expanded, and what they refer to.
REFERENCES = {
    "customer": "customer", "charge": "charge", "payment_intent": "payment_intent",
    "invoice": "invoice", "subscription": "subscription", "product": "product",
}  # fmt: skip


@dataclass
class Ages:
    """Renders a merchant's objects, each always the same way."""

    random: Random
    bodies: list[Body]
    _rendered: dict[str, Body] = field(default_factory=dict)

    def rendered(self, body: Body) -> Body:
        """The object as some API version gave it."""
        if body.get("deleted"):
            return body
        if body["id"] not in self._rendered:
            older = AGES.get(body["object"])
            age = older is not None and self._chance(OLD)
            aged = older(self, body) if older and age else body
            self._rendered[body["id"]] = self._expanded(aged)
        return self._rendered[body["id"]]

    def _chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _expanded(self, body: Body) -> Body:
        whole = {
            name: {"id": value, "object": REFERENCES[name]}
            for name, value in body.items()
            if name in REFERENCES and isinstance(value, str) and self._chance(EXPANDED)
        }
        if isinstance(body.get("payment"), dict):
            whole["payment"] = self._expanded(body["payment"])
        return {**body, **whole}

    def whole(self, key: Any, kind: str) -> Any:
        """An object in the place of its id, if there is one; else the id."""
        found = [
            body for body in self.bodies if (body["id"], body["object"]) == (key, kind)
        ]  # fmt: skip
        return found[0] if found and not found[0].get("deleted") else key

    def invoice(self, body: Body) -> Body:
        """Before 2025: one discount, a word for paid, lines with a price of their own."""
        lines = [self.line(line) for line in entries(body, "lines")]
        aged = {**body, **self._single(body), "lines": {**body["lines"], "data": lines}}
        aged["paid"] = body["status"] == "paid"
        if aged["paid"] and self._chance(30):
            del aged["status"]
        if self._chance(20):
            aged["date"] = aged.pop("created")
        for name in ("amount_paid", "amount_due", "total", "currency"):
            if self._chance(10):
                del aged[name]
        return aged

    def customer(self, body: Body) -> Body:
        """With the coupon of a discount whole."""
        return {**body, "discount": self.discount(body["discount"])}

    def line(self, body: Body) -> Body:
        """A line that holds its price or its plan, and says itself whether it is a proration."""
        details = (body.get("pricing") or {}).get("price_details") or {}
        parent = body.get("parent") or {}
        kept = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
        price = self.whole(details.get("price"), "price")
        aged = {**body, "proration": bool(kept.get("proration")), "type": "subscription"}
        for name in ("pricing", "parent"):
            aged.pop(name)
        is_plan = isinstance(price, dict) and price["recurring"] and self._chance(40)
        aged["plan" if is_plan else "price"] = plan_of(price) if is_plan else price
        return aged

    def subscription(self, body: Body) -> Body:
        """Before 2025: one discount, and the period on the subscription."""
        items = [self._item(item) for item in entries(body, "items")]
        ends = [item.pop("current_period_end") for item in items]
        aged = {**body, **self._single(body), "items": {**body["items"], "data": items}}
        aged |= {"current_period_start": body["created"], "current_period_end": min(ends)}
        plans = [item["plan"] for item in items if item.get("plan")]
        if len(items) == len(plans) == 1 and self._chance(40):
            # Before 2017: one plan, and no list of items.
            del aged["items"]
            aged |= {"plan": plans[0], "quantity": items[0]["quantity"]}
            aged["start"] = aged.pop("start_date")
        return aged

    def _item(self, body: Body) -> Body:
        price = body["price"]
        aged = {**body, "discounts": [self.discount(each) for each in body["discounts"]]}
        if isinstance(price, dict) and price["recurring"] and self._chance(60):
            aged["plan"] = plan_of(price)
            if self._chance(50):
                del aged["price"]
        return aged

    def _single(self, body: Body) -> Body:
        """The first discount whole; the others by id, or lost."""
        discounts = [self.discount(each) for each in body["discounts"]]
        first = next((each for each in discounts if isinstance(each, dict)), None)
        if self._chance(50):
            return {"discount": first, "discounts": None}
        ids = [each["id"] if isinstance(each, dict) else each for each in discounts]
        return {"discount": first, "discounts": ids}

    def discount(self, body: Any) -> Any:
        """A discount that holds its coupon; one that is an id stays one."""
        if not isinstance(body, dict):
            return body
        source = body["source"]["coupon"]
        aged = {name: value for name, value in body.items() if name != "source"}
        return {**aged, "coupon": self.whole(source, "coupon")}

    def charge(self, body: Body) -> Body:
        """With the card where it once stood, and words that have changed or weren't there yet."""
        card = (body["payment_method_details"] or {}).get("card")
        kept = {name: value for name, value in body.items() if name != "payment_method_details"}
        if kept["captured"] and self._chance(20):
            del kept["captured"]
        if self._chance(20):
            del kept["amount_captured"]
        if kept["status"] == "succeeded" and self._chance(20):
            kept["status"] = "paid"
        return {**kept, "source": {"object": "card", **card} if card else None}

    def promotion_code(self, body: Body) -> Body:
        """With its coupon whole."""
        kept = {name: value for name, value in body.items() if name != "promotion"}
        return {**kept, "coupon": self.whole(body["promotion"]["coupon"], "coupon")}


def plan_of(price: Body) -> Body:
    """A recurring price as the plan that it was."""
    recurring = price["recurring"]
    return {
        **{name: price.get(name) for name in ("id", "billing_scheme", "currency", "nickname")},
        **{name: price.get(name) for name in ("product", "tiers", "tiers_mode")},
        "object": "plan",
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "usage_type": recurring["usage_type"],
        "transform_usage": price["transform_quantity"],
    }


AGES: dict[str, Callable[[Ages, Body], Body]] = {
    "customer": Ages.customer,
    "invoice": Ages.invoice,
    "subscription": Ages.subscription,
    "charge": Ages.charge,
    "promotion_code": Ages.promotion_code,
}
