"""What people, and Stripe's clock, do to the demo merchant between two syncs, one change at a time.

Each mutation picks an object by number among those that it can happen to, and does nothing where
there is none. What Stripe sends no event of is put silently, and noted in `Mirror.silent`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.ingestion.faults.mirror import Mirror
from tests.properties.account import Account, Body, entries

Mutation = Callable[[Account, int, int], None]

MUTATIONS: dict[str, Mutation] = {}
LINES = (0, 1, 3, 9, 10, 11, 12, 40, 99, 100, 101, 130, 205)
LIVE = ("incomplete", "trialing", "active", "past_due", "unpaid", "paused")
OPEN_DISPUTES = ("warning_needs_response", "warning_under_review", "needs_response",
                 "under_review", "appeal_needs_response", "appeal_under_review")  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One mutation: what, to which of the objects that it can happen to, and with which value."""

    what: str
    which: int = 0
    value: int = 0

    def happen(self, mirror: Mirror) -> None:
        """Do it."""
        MUTATIONS[self.what](Account(mirror), self.which, self.value)


def mutation(function: Mutation) -> Mutation:
    """Name a mutation by its function."""
    MUTATIONS[function.__name__] = function
    return function


@mutation
def a_customer_joins(account: Account, which: int, value: int) -> None:
    account.new("customers", which, name=f"Newcomer {value}", email=f"new{value}@mail.example")


@mutation
def a_customer_moves(account: Account, which: int, value: int) -> None:
    account.put(account.pick("customers", which), name=f"Name {value}", phone=None)


@mutation
def a_customer_is_deleted(account: Account, which: int, value: int) -> None:
    """Stripe cancels the subscriptions along with her."""
    gone = account.pick("customers", which)
    if gone is None:
        return
    for identifier in account.mirror.ids("subscriptions"):
        body = account.read("subscriptions", identifier)
        if body["customer"] == gone["id"] and body["status"] in LIVE:
            account.put(body, status="canceled", ended_at=account.now)
    account.delete("customers", gone)


@mutation
def an_invoice_is_drafted(account: Account, which: int, value: int) -> None:
    model = account.pick("invoices", which, "paid", "open")
    if model and model["lines"]["data"]:
        lines = entries(model, "lines", LINES[value % len(LINES)] or 1, "il")
        account.new("invoices", which, **{**_unpaid(model), "lines": lines, "status": "draft"})


def _unpaid(model: Body) -> Body:
    kept = ("id", "created", "object")
    return {key: value for key, value in model.items() if key not in kept} | {"amount_paid": 0}


@mutation
def a_draft_gets_other_lines(account: Account, which: int, value: int) -> None:
    draft = account.pick("invoices", which, "draft")
    if draft and draft["lines"]["data"]:
        lines = entries(draft, "lines", LINES[value % len(LINES)] or 1, "il")
        account.put(draft, lines=lines, total=value)


@mutation
def a_drafts_middle_line_goes(account: Account, which: int, value: int) -> None:
    draft = account.pick("invoices", which, "draft")
    if draft and len(draft["lines"]["data"]) > 1:
        lines = list(draft["lines"]["data"])
        lines.pop(value % len(lines))
        account.put(draft, lines=draft["lines"] | {"data": lines})


@mutation
def a_draft_is_deleted(account: Account, which: int, value: int) -> None:
    account.delete("invoices", account.pick("invoices", which, "draft"))


@mutation
def an_invoice_is_finalized(account: Account, which: int, value: int) -> None:
    account.put(account.pick("invoices", which, "draft"), status="open")


@mutation
def an_invoice_is_paid(account: Account, which: int, value: int) -> None:
    invoice = account.pick("invoices", which, "open", "uncollectible")
    if invoice:
        paid = invoice["total"]
        account.put(invoice, status="paid", amount_paid=paid, amount_remaining=0)
        account.new("charges", which, amount=paid, status="succeeded")
        account.new("invoice_payments", which, invoice=invoice["id"], status="paid")


@mutation
def an_invoice_is_given_up(account: Account, which: int, value: int) -> None:
    status = ("void", "uncollectible")[value % 2]
    account.put(account.pick("invoices", which, "open"), status=status)


@mutation
def a_paid_invoice_gets_a_note(account: Account, which: int, value: int) -> None:
    account.put(account.pick("invoices", which, "paid"), metadata={"note": str(value)})


@mutation
def a_person_subscribes(account: Account, which: int, value: int) -> None:
    account.new("subscriptions", which, status=LIVE[value % len(LIVE)], latest_invoice=None)


@mutation
def a_subscription_gets_other_items(account: Account, which: int, value: int) -> None:
    body = account.pick("subscriptions", which, *LIVE)
    if body:
        account.put(body, items=entries(body, "items", LINES[value % 9] or 1, "si"))


@mutation
def a_subscription_changes_its_discounts(account: Account, which: int, value: int) -> None:
    body = account.pick("subscriptions", which, *LIVE)
    model = account.mirror.store.reader.execute("select id from objects where resource = ?",
                                                ("discounts",)).fetchone()  # fmt: skip
    if body and value % 2 and body["discounts"]:
        account.put(body, discounts=body["discounts"][1:])
    elif body and model:
        name = f"di_new{next(account.mirror.made):05d}"
        account.put(account.read("discounts", model[0]), id=name, start=account.now)
        account.put(body, discounts=[*body["discounts"], name])


@mutation
def a_subscription_moves(account: Account, which: int, value: int) -> None:
    status = (*LIVE, "canceled", "incomplete_expired", "thawing")[value % 9]
    account.put(account.pick("subscriptions", which, *LIVE), status=status)


@mutation
def a_refund_is_asked_for(account: Account, which: int, value: int) -> None:
    charge = account.pick("charges", which, "succeeded")
    if charge:
        account.put(charge, amount_refunded=value % 1000)
        status = ("pending", "succeeded", "requires_action")[value % 3]
        account.new("refunds", which, charge=charge["id"], status=status)


@mutation
def a_refund_ends(account: Account, which: int, value: int) -> None:
    """Also a succeeded one may fail in the end."""
    refund = account.pick("refunds", which, "pending", "succeeded", "requires_action")
    account.put(refund, status=("succeeded", "failed", "canceled")[value % 3])


@mutation
def a_charge_is_disputed(account: Account, which: int, value: int) -> None:
    charge = account.pick("charges", which, "succeeded")
    if charge:
        account.put(charge, disputed=True)
        status = OPEN_DISPUTES[value % len(OPEN_DISPUTES)]
        account.new("disputes", which, charge=charge["id"], status=status)


@mutation
def a_dispute_moves(account: Account, which: int, value: int) -> None:
    status = ("under_review", "won", "lost", "warning_closed", "prevented")[value % 5]
    account.put(account.pick("disputes", which, *OPEN_DISPUTES), status=status)


@mutation
def a_credit_note_is_issued(account: Account, which: int, value: int) -> None:
    model = account.pick("credit_notes", which)
    if model:
        lines = entries(model, "lines", LINES[value % len(LINES)] or 1, "cnli")
        account.new("credit_notes", which, lines=lines, status="issued")


@mutation
def a_credit_note_is_voided(account: Account, which: int, value: int) -> None:
    account.put(account.pick("credit_notes", which, "issued"), status="void")


@mutation
def a_coupon_is_made(account: Account, which: int, value: int) -> None:
    account.new("coupons", which, percent_off=value % 100, valid=True)


@mutation
def a_coupon_is_deleted(account: Account, which: int, value: int) -> None:
    account.delete("coupons", account.pick("coupons", which))


@mutation
def a_coupon_runs_out(account: Account, which: int, value: int) -> None:
    account.put(account.pick("coupons", which), silently=True, valid=False, times_redeemed=value)


@mutation
def a_promotion_code_is_made(account: Account, which: int, value: int) -> None:
    account.new("promotion_codes", which, code=f"CODE{value}", active=True)


@mutation
def a_promotion_code_is_deleted(account: Account, which: int, value: int) -> None:
    account.delete("promotion_codes", account.pick("promotion_codes", which), silently=True)


@mutation
def a_promotion_code_runs_out(account: Account, which: int, value: int) -> None:
    code = account.pick("promotion_codes", which)
    account.put(code, silently=True, active=False, times_redeemed=value)


@mutation
def a_price_changes(account: Account, which: int, value: int) -> None:
    account.put(account.pick("prices", which), nickname=f"price {value}", active=bool(value % 2))


@mutation
def a_price_is_deleted(account: Account, which: int, value: int) -> None:
    account.delete("prices", account.pick("prices", which))


@mutation
def a_product_is_renamed(account: Account, which: int, value: int) -> None:
    account.put(account.pick("products", which), name=f"Blend {value}", updated=account.now)


@mutation
def a_session_is_opened(account: Account, which: int, value: int) -> None:
    """No event tells of it; it is listed with the new ones."""
    model = account.pick("checkout_sessions", which)
    if model and model.get("line_items", {}).get("data"):
        items = entries(model, "line_items", LINES[value % len(LINES)] or 1, "li")
        account.new("checkout_sessions", which, True, status="open", line_items=items)


@mutation
def a_session_ends(account: Account, which: int, value: int) -> None:
    session = account.pick("checkout_sessions", which, "open")
    if session:
        account.put(session, status=("complete", "expired")[value % 2])
        account.mirror.silent.discard(session["id"])


@mutation
def a_payment_is_opened(account: Account, which: int, value: int) -> None:
    account.new("invoice_payments", which, True, status="open")


@mutation
def a_payment_is_canceled(account: Account, which: int, value: int) -> None:
    account.put(account.pick("invoice_payments", which, "open"), silently=True, status="canceled")


@mutation
def a_trial_ends_by_the_clock(account: Account, which: int, value: int) -> None:
    account.put(account.pick("subscriptions", which, "trialing"), silently=True, status="active")


@mutation
def an_open_invoice_grows_old(account: Account, which: int, value: int) -> None:
    account.put(account.pick("invoices", which, "open"), silently=True, attempt_count=value)


@mutation
def a_dispute_ends_by_the_clock(account: Account, which: int, value: int) -> None:
    dispute = account.pick("disputes", which, *OPEN_DISPUTES)
    account.put(dispute, silently=True, status=("lost", "under_review")[value % 2])
