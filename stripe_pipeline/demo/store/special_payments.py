"""Edge cases of payments: partial, shared, outside Stripe, refunded, disputed, credited, guests."""

from collections.abc import Callable
from functools import partial

from stripe_pipeline.demo.store.aftermath import dispute, refund
from stripe_pipeline.demo.store.chance import HOUR
from stripe_pipeline.demo.store.charges import authorization, bank_debit, charge, failed_charge
from stripe_pipeline.demo.store.checkout import Basket, abandon, buy
from stripe_pipeline.demo.store.credit_notes import Sides, credit, void_note
from stripe_pipeline.demo.store.invoices import draft
from stripe_pipeline.demo.store.lives import basket, one_off_bill, one_off_invoice
from stripe_pipeline.demo.store.settlement import (
    by_intent,
    fail,
    invoice_payment,
    leave_open,
    mark_paid,
    pay,
    pay_outside,
    pay_partly,
    pay_together,
    settle_payment,
    void,
    write_off,
)
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.special_subscriptions import days_ago

Life = Callable[[Shopper], None]

DISPUTES = (
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "appeal_needs_response",
    "appeal_under_review",
)


def share(amount: int, parts: int) -> int:
    """Return about one part of an amount, rounded so that it is valid in any currency."""
    return max(amount // parts // 100 * 100, 10)


def long_invoices(shopper: Shopper) -> None:
    """Invoices of 25 and of 120 lines."""
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 80), lines=25))
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 20), lines=120, coupon="ODDPART"))


def drafts(shopper: Shopper) -> None:
    """A draft, and a deleted one, of which only an event is left."""
    one_off_invoice(shopper, days_ago(shopper, 3))
    gone = one_off_invoice(shopper, days_ago(shopper, 2))
    shopper.objects.remove(gone)
    shopper.tell("invoice.deleted", gone["created"] + HOUR, gone)


def void_and_written_off(shopper: Shopper) -> None:
    """A void invoice, and an uncollectible one."""
    void(shopper, one_off_invoice(shopper, days_ago(shopper, 25)), days_ago(shopper, 24))
    write_off(shopper, one_off_invoice(shopper, days_ago(shopper, 70)), days_ago(shopper, 21))


def paid_after_write_off(shopper: Shopper) -> None:
    """An uncollectible invoice on which a part was paid all the same."""
    invoice = one_off_invoice(shopper, days_ago(shopper, 90))
    write_off(shopper, invoice, days_ago(shopper, 60))
    part = share(invoice["amount_due"], 2)
    money = charge(shopper, part, days_ago(shopper, 50))
    intent = by_intent(money["payment_intent"])
    link = invoice_payment(shopper, invoice, part, money["created"], intent, is_default=False)
    settle_payment(shopper, link, money["created"])
    invoice |= {"amount_paid": part, "amount_remaining": invoice["amount_due"] - part}


def open_invoices(shopper: Shopper) -> None:
    """Sent by email and not paid: one not due yet, one overdue, one with failed attempts."""
    for days in (5, 60):
        bill = one_off_bill(shopper, days_ago(shopper, days), 2)
        bill.by_email = True
        leave_open(shopper, draft(shopper, bill))
    fail(shopper, one_off_invoice(shopper, days_ago(shopper, 8)), 3)


def part_paid(shopper: Shopper) -> None:
    """An open invoice of which a part was paid."""
    invoice = one_off_invoice(shopper, days_ago(shopper, 15), lines=3)
    pay_partly(shopper, invoice, share(invoice["amount_due"], 3), days_ago(shopper, 10))


def outside(shopper: Shopper) -> None:
    """Paid by bank transfer, once recorded as a payment and once only marked so."""
    for days, recorded in ((100, True), (40, False)):
        invoice = one_off_invoice(shopper, days_ago(shopper, days))
        pay_outside(shopper, invoice, days_ago(shopper, days - 9), recorded)


def two_for_one(shopper: Shopper) -> None:
    """One payment for two invoices, partly refunded and later disputed and lost in part."""
    invoices = [one_off_invoice(shopper, days_ago(shopper, days), 2) for days in (50, 49)]
    money = pay_together(shopper, invoices, days_ago(shopper, 45))
    refund(shopper, money, share(money["amount"], 3), days_ago(shopper, 30))
    dispute(shopper, money, share(money["amount"], 4), days_ago(shopper, 28), "lost")


def old_style(shopper: Shopper) -> None:
    """Charges without a PaymentIntent: one pays an invoice, one was made by itself."""
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 900)), intent=False)
    charge(shopper, 250_000, days_ago(shopper, 880), payment_intent=None, description="Order 77")


def bank_debits(shopper: Shopper) -> None:
    """Payments by bank debit (`py_`): succeeded, failed, and still pending."""
    bank_debit(shopper, 420_000, days_ago(shopper, 33))
    returned = bank_debit(shopper, 310_000, days_ago(shopper, 13))
    returned |= {"status": "failed", "paid": False, "captured": False, "amount_captured": 0}
    returned |= {"failure_code": "insufficient_funds", "failure_message": "No funds."}
    pending = {"status": "pending", "paid": False, "balance_transaction": None}
    bank_debit(shopper, 120_000, days_ago(shopper, 1), **pending)


def not_captured(shopper: Shopper) -> None:
    """Authorisations: held, captured in part, and declined."""
    authorization(shopper, 180_000, days_ago(shopper, 2))
    charge(shopper, 300_000, days_ago(shopper, 50), amount_captured=200_000)
    failed_charge(shopper, 90_000, days_ago(shopper, 4))


def guest(shopper: Shopper) -> None:
    """Bought twice without an account, then once with one."""
    for days in (70, 9):
        buy(shopper, basket(shopper, days_ago(shopper, days), is_guest=True))
    buy(shopper, basket(shopper, days_ago(shopper, 5)))


def consenting(shopper: Shopper) -> None:
    """Said yes to advertising at Checkout."""
    buy(shopper, Basket([("beans", 2)], days_ago(shopper, 44), "opt_in"))


def refusing(shopper: Shopper) -> None:
    """Said yes to advertising once, and no the next time."""
    buy(shopper, Basket([("beans", 1)], days_ago(shopper, 90), "opt_in"))
    buy(shopper, Basket([("mug", 1)], days_ago(shopper, 20), "opt_out"))


def abandoning(shopper: Shopper) -> None:
    """Left a basket two days ago, and one that is still open."""
    abandon(shopper, Basket([("grinder", 1)], days_ago(shopper, 3), "opt_in"))
    abandon(shopper, Basket([("kettle", 1)], days_ago(shopper, 0.2)))


def returning(shopper: Shopper) -> None:
    """Left a basket and bought after all."""
    abandon(shopper, Basket([("grinder", 1)], days_ago(shopper, 5)), recoverable=False)
    buy(shopper, Basket([("grinder", 1)], days_ago(shopper, 2)))


def wide_basket(shopper: Shopper) -> None:
    """A Checkout of 14 different things: more than Stripe embeds."""
    offers = [(f"origin{n}_once", 1 + n % 2) for n in range(14)]
    buy(shopper, Basket(offers, days_ago(shopper, 12)))


def refunded(shopper: Shopper, status: str, whole: bool) -> None:
    """An invoice whose payment was refunded, wholly or in part."""
    money = pay(shopper, one_off_invoice(shopper, days_ago(shopper, 60), 2))
    if money:
        amount = money["amount"] if whole else share(money["amount"], 3)
        refund(shopper, money, amount, days_ago(shopper, 14), status)


def refunded_often(shopper: Shopper) -> None:
    """A payment refunded in three parts, one of which failed."""
    money = buy(shopper, Basket([("grinder", 3)], days_ago(shopper, 90)))
    third = share(money["amount"], 3)
    refund(shopper, money, third, days_ago(shopper, 80))
    refund(shopper, money, third, days_ago(shopper, 70), "failed")
    refund(shopper, money, money["amount"] - third, days_ago(shopper, 10))


def disputed(shopper: Shopper, status: str) -> None:
    """A payment that the cardholder contests."""
    if len(status) % 2:
        money = buy(shopper, Basket([("kettle", 1)], days_ago(shopper, 40)))
    else:
        invoice = one_off_invoice(shopper, days_ago(shopper, 40))
        money = pay(shopper, invoice) or charge(shopper, 900, invoice["created"])
    dispute(shopper, money, money["amount"], days_ago(shopper, 25), status)


def credited(shopper: Shopper) -> None:
    """Credit notes after payment: refunded, to the balance, outside Stripe, and all three."""
    for days in (200, 150, 100, 50):
        invoice = one_off_invoice(shopper, days_ago(shopper, days), 4)
        money = pay(shopper, invoice)
        part = share(invoice["total"], 8)
        alone = {200: ("refunded",), 150: ("to_balance",), 100: ("outside",)}
        kinds = alone.get(days, ("refunded", "to_balance", "outside"))
        sides = Sides(**dict.fromkeys(kinds if money else ("to_balance",), part))
        at = days_ago(shopper, days - 20)
        credit(shopper, invoice, at, sides, money, splits=12 if days == 50 else 1)


def credited_before_payment(shopper: Shopper) -> None:
    """Credit notes on open invoices: in force, taken back, and one after which it was paid."""
    for days in (30, 29, 28):
        invoice = one_off_invoice(shopper, days_ago(shopper, days), 3)
        link = leave_open(shopper, invoice)
        part = share(invoice["total"], 4)
        note = credit(shopper, invoice, days_ago(shopper, days - 3), Sides(pre_payment=part))
        link["amount_requested"] = invoice["amount_due"]
        if days == 29:
            void_note(shopper, invoice, note, days_ago(shopper, 20))
            link["amount_requested"] = invoice["amount_due"]
        if days == 28:
            money = charge(shopper, invoice["amount_due"], days_ago(shopper, 18))
            link["payment"] = by_intent(money["payment_intent"])
            settle_payment(shopper, link, money["created"])
            mark_paid(shopper, invoice, money["created"], invoice["amount_due"])


def mixed_credit(shopper: Shopper) -> None:
    """A credit note that settles what is still open and gives back what was paid."""
    invoice = one_off_invoice(shopper, days_ago(shopper, 26), 4)
    part = share(invoice["total"], 3)
    money = pay_partly(shopper, invoice, part, days_ago(shopper, 22))
    back = share(part, 2)
    credit(shopper, invoice, days_ago(shopper, 12), Sides(back, back), money)


def same_second(shopper: Shopper) -> None:
    """Five invoices made in one second."""
    at = days_ago(shopper, 17)
    for _ in range(5):
        pay(shopper, one_off_invoice(shopper, at))


def fully_discounted(shopper: Shopper) -> None:
    """A 100 % discount: an order for which nothing was due."""
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 33), 2, coupon="STAFF100"))


def in_currency(currency: str, shopper: Shopper) -> None:
    """Invoices and a purchase in a currency with other decimals, partly refunded."""
    shopper.currency = currency
    pay(shopper, one_off_invoice(shopper, days_ago(shopper, 75), 2))
    money = buy(shopper, basket(shopper, days_ago(shopper, 37)))
    refund(shopper, money, share(money["amount"], 2), days_ago(shopper, 7))


def discounted_by_code(shopper: Shopper) -> None:
    """Used two coupons, one of them an amount."""
    shopper.currency = "usd"
    for days, coupon in ((58, "FIVEOFF"), (20, "CLUBONLY")):
        pay(shopper, one_off_invoice(shopper, days_ago(shopper, days), 2, coupon))


PAYMENTS: list[Life] = [
    long_invoices,
    drafts,
    void_and_written_off,
    paid_after_write_off,
    open_invoices,
    part_paid,
    outside,
    two_for_one,
    old_style,
    bank_debits,
    not_captured,
    guest,
    consenting,
    refusing,
    returning,
    wide_basket,
    *(
        partial(refunded, status=status, whole=whole)
        for status in ("succeeded", "pending", "failed", "canceled", "requires_action")
        for whole in (True, False)
    ),
    refunded_often,
    *(partial(disputed, status=status) for status in DISPUTES),
    credited_before_payment,
    mixed_credit,
    same_second,
    fully_discounted,
    *(partial(in_currency, currency) for currency in ("jpy", "kwd", "isk", "ugx", "eur", "gbp")),
    discounted_by_code,
]
