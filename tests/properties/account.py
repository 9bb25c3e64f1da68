"""The demo merchant's account, as a mutation sees and changes it."""

from dataclasses import dataclass
from typing import Any

from tests.ingestion.faults.mirror import Mirror

Body = dict[str, Any]

PREFIXES = {
    "customers": "cus", "invoices": "in", "invoice_payments": "inpay", "charges": "ch",
    "refunds": "re", "credit_notes": "cn", "disputes": "du", "checkout_sessions": "cs_test",
    "subscriptions": "sub", "coupons": "COUPON", "promotion_codes": "promo", "prices": "price",
    "products": "prod",
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """The merchant's account, as mutations see it."""

    mirror: Mirror

    @property
    def now(self) -> int:
        """The merchant's present."""
        return self.mirror.store.now

    def pick(self, resource: str, which: int, *statuses: str) -> Body | None:
        """The object of this number, of those that have one of the statuses."""
        found = [self.read(resource, each) for each in self.mirror.ids(resource)]
        fit = [body for body in found if not statuses or body.get("status") in statuses]
        return fit[which % len(fit)] if fit else None

    def read(self, resource: str, identifier: str) -> Body:
        """An object by its id."""
        return self.mirror.store.read(resource, identifier) or {}

    def put(self, body: Body | None, silently: bool = False, **fields: Any) -> None:
        """Change an object, or make one; nothing is done to none."""
        if body is None:
            return
        self.mirror.store.put(body | fields, silently=silently)
        if silently:
            self.mirror.silent.add(body["id"])

    def new(self, resource: str, which: int, silently: bool = False, **fields: Any) -> Body | None:
        """Make an object of now, after the model of another."""
        model = self.pick(resource, which)
        if model is None:
            return None
        identifier = f"{PREFIXES[resource]}_new{next(self.mirror.made):05d}"
        made = {"id": identifier, "created": self.now}
        self.put(model | made | fields, silently)
        return model | made | fields

    def delete(self, resource: str, body: Body | None, silently: bool = False) -> None:
        """Delete an object, if there is one."""
        if body is None:
            return
        self.mirror.store.delete(resource, body["id"])
        if silently:
            self.mirror.silent.add(body["id"])


def entries(body: Body, field: str, count: int, prefix: str) -> Body:
    """A nested list of this many entries: the first of those that are there, then new ones."""
    model, *_ = body[field]["data"]
    kept = body[field]["data"][:count]
    used = {entry["id"] for entry in body[field]["data"]}
    free = (f"{prefix}_{body['id']}_{number}" for number in range(10_000))
    fresh = (model | {"id": name} for name in free if name not in used)
    nested: Body = body[field]
    return nested | {"data": [*kept, *(next(fresh) for _ in range(count - len(kept)))]}
