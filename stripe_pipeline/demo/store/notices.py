"""The events that Stripe sends when an object is created, changed or deleted."""

from typing import Any

Body = dict[str, Any]

# The prefix of an object's events, where it isn't the object's own name.
PREFIXES = {
    "subscription": "customer.subscription",
    "dispute": "charge.dispute",
}
# These have no events: readers find their changes in the object's parent.
SILENT = ("discount", "test_helpers.test_clock", "event")
# The additional event of a status, by object type.
BY_STATUS: dict[str, dict[str, tuple[str, ...]]] = {
    "invoice": {
        "open": ("invoice.finalized",),
        "paid": ("invoice.paid", "invoice.payment_succeeded"),
        "void": ("invoice.voided",),
        "uncollectible": ("invoice.marked_uncollectible",),
    },
    "subscription": {
        "canceled": ("customer.subscription.deleted",),
        "paused": ("customer.subscription.paused",),
    },
    "invoice_payment": {"paid": ("invoice_payment.paid",)},
    "charge": {
        "succeeded": ("charge.succeeded",),
        "failed": ("charge.failed",),
        "pending": ("charge.pending",),
    },
    "refund": {"failed": ("refund.failed",)},
    "credit_note": {"void": ("credit_note.voided",)},
    "dispute": dict.fromkeys(("won", "lost", "warning_closed"), ("charge.dispute.closed",)),
    "checkout.session": {
        "complete": ("checkout.session.completed",),
        "expired": ("checkout.session.expired",),
    },
}
# Objects whose creation or change alone has no event of its own.
NEVER_CREATED = ("charge", "invoice_payment", "checkout.session")
NEVER_UPDATED = ("invoice_payment", "checkout.session")
NEVER_DELETED = ("promotion_code", *SILENT)


def notices(before: Body | None, after: Body) -> list[tuple[str, Body | None]]:
    """Return the events of a change as (type, previous attributes), in Stripe's order."""
    kind = after["object"]
    if kind in SILENT:
        return []
    prefix = PREFIXES.get(kind, kind)
    sent: list[tuple[str, Body | None]] = []
    if before is None and kind not in NEVER_CREATED:
        sent.append((f"{prefix}.created", None))
    if before is not None and kind not in NEVER_UPDATED and before != after:
        sent.append((f"{prefix}.updated", changed(before, after)))
    if before is None or before.get("status") != after.get("status"):
        sent += [(name, None) for name in BY_STATUS.get(kind, {}).get(after.get("status", ""), ())]
    return sent


def changed(before: Body, after: Body) -> Body:
    """Return `previous_attributes`: the old values of the top-level fields that differ."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: before.get(name) for name in names if before.get(name) != after.get(name)}


def deletion(kind: str) -> list[str]:
    """Return the event types of a deletion: one, or none where Stripe has none."""
    return [] if kind in NEVER_DELETED else [f"{PREFIXES.get(kind, kind)}.deleted"]
