"""What happens to a merchant's objects between two syncs: each change is a further version."""

from collections.abc import Callable
from random import Random

from ..oracle.merchant import deleted
from ..oracle.objects import Body

Change = Callable[[Random, Body], Body]


def _refund(random: Random, body: Body) -> Body:
    return {**body, "status": random.choice(("succeeded", "failed", "canceled"))}


def _dispute(random: Random, body: Body) -> Body:
    return {**body, "status": random.choice(("lost", "won", "appeal_under_review"))}


def _invoice(random: Random, body: Body) -> Body:
    """A draft is deleted; what is open is paid, voided or written off; what is paid stays so."""
    if body.get("status") == "draft" and random.random() < 0.5:
        return deleted(body)
    if body.get("status") in {"draft", "open", "uncollectible"}:
        status = random.choice(("open", "paid", "void", "uncollectible"))
        paid = max(body.get("total") or 0, 0) if status == "paid" else 0
        paid_at = body["created"] + random.choice((0, 86_400)) if status == "paid" else None
        transitions = {**(body.get("status_transitions") or {}), "paid_at": paid_at}
        return {**body, "status": status, "amount_paid": paid, "status_transitions": transitions}
    return _with_entries(body, "lines", lambda lines: lines[: len(lines) // 2])


def _customer(random: Random, body: Body) -> Body:
    """Deleted, or another person by address, number, metadata or name."""
    if random.random() < 0.3:
        return deleted(body)
    fields = (
        {"email": f"new{random.randrange(9)}@example.org", "name": "New Name"},
        {"email": random.choice((None, "info@example.org", "one@example.org"))},
        {"phone": random.choice((None, "+49 1512 3499999"))},
        {"metadata": {**(body.get("metadata") or {}), "person.id": random.choice("12")}},
    )
    return {**body, **random.choice(fields)}


def _with_entries(body: Body, name: str, change: Callable[[list[Body]], list[Body]]) -> Body:
    """An older object may have no such list: it stays as it is."""
    nested = body.get(name)
    return {**body, name: {**nested, "data": change(nested["data"])}} if nested else body


def _subscription(random: Random, body: Body) -> Body:
    """In another status, of other quantities, or without its last discount."""
    if random.random() < 0.5:
        return {**body, "status": random.choice(("active", "canceled", "past_due", "trialing"))}
    if random.random() < 0.3:
        return {**body, "discounts": (body.get("discounts") or [])[:-1]}
    return _with_entries(
        body,
        "items",
        lambda items: [{**item, "quantity": random.randrange(1, 9)} for item in items],
    )


def _coupon(random: Random, body: Body) -> Body:
    return random.choice((deleted(body), {**body, "name": f"Coupon {random.randrange(9)}"}))


def _named(random: Random, body: Body) -> Body:
    """A price's nickname or a product's name."""
    field = "nickname" if body["object"] == "price" else "name"
    return {**body, field: f"Blend {random.randrange(9)}"}


def _charge(random: Random, body: Body) -> Body:
    """Captured; and one that is, is receipted to another address."""
    if body.get("captured"):
        return {**body, "receipt_email": random.choice((None, "one@example.org"))}
    return {**body, "captured": True, "status": "succeeded", "amount_captured": body.get("amount")}


def _credit_note(random: Random, body: Body) -> Body:
    return {**body, "status": "void", "voided_at": body["created"] + 60}


def _link(random: Random, body: Body) -> Body:
    return {**body, "status": random.choice(("paid", "canceled")), "amount_paid": 5}


def _session(random: Random, body: Body) -> Body:
    return {**body, "status": random.choice(("expired", "complete"))}


CHANGES: dict[str, Change] = {
    "refund": _refund,
    "dispute": _dispute,
    "invoice": _invoice,
    "customer": _customer,
    "subscription": _subscription,
    "charge": _charge,
    "credit_note": _credit_note,
    "invoice_payment": _link,
    "checkout.session": _session,
    "coupon": _coupon,
    "price": _named,
    "product": _named,
}


def changed(random: Random, current: dict[str, Body], share: float) -> list[Body]:
    """New versions of about this share of the living objects; `current` is brought up to date."""
    living = [body for body in current.values() if not body.get("deleted")]
    touched = [body for body in living if body["object"] in CHANGES and random.random() < share]
    newer = [CHANGES[body["object"]](random, body) for body in touched]
    current.update({body["id"]: body for body in newer})
    return newer
