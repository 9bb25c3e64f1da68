"""Fill an account with a bit of everything."""

import time

from tests.fake_stripe.server import Account, nested

HOUR = 3600
SPRING = 1_710_000_000


def line(identifier: str) -> dict[str, object]:
    return {"id": identifier, "object": "line_item", "amount": 100}


def add_customer(account: Account, number: int, created: int | None = None) -> dict[str, object]:
    at = SPRING + number * HOUR if created is None else created
    return account.add("customers", f"cus_{number:04d}", at, name=f"Nr {number}")


def add_invoice(
    account: Account, number: int, lines: int = 1, created: int | None = None, **fields: object
) -> dict[str, object]:
    at = SPRING + number * HOUR if created is None else created
    entries = [line(f"il_{number}_{each}") for each in range(lines)]
    usual = {"customer": f"cus_{number:04d}", "status": "paid", "lines": nested(entries)}
    return account.add("invoices", f"in_{number:04d}", at, **(usual | fields))


def stock(account: Account, customers: int = 250) -> None:
    """Customers with an invoice each, and one or two of the other resources."""
    for number in range(customers):
        add_customer(account, number)
        add_invoice(account, number, lines=12 if number % 50 == 0 else 1)
    items = nested([{"id": f"si_{n}", "object": "subscription_item"} for n in range(25)])
    common = {"customer": "cus_0001"}
    account.add("products", "prod_1", SPRING)
    account.add("prices", "price_1", SPRING, product="prod_1")
    account.add("coupons", "SPRING SALE/50%", SPRING, percent_off=50)
    account.add("promotion_codes", "promo_1", SPRING, active=True)
    account.add("subscriptions", "sub_1", SPRING, status="active", items=items, **common)
    account.add("subscriptions", "sub_2", SPRING, status="canceled", items=nested([]), **common)
    account.add("invoice_payments", "inpay_1", SPRING, status="open", invoice="in_0001")
    account.add("charges", "ch_1", SPRING, **common)
    account.add("refunds", "re_1", SPRING, charge="ch_1")
    account.add("credit_notes", "cn_1", SPRING, lines=nested([line("cnli_1")]), **common)
    account.add("disputes", "dp_1", SPRING, charge="ch_1", status="won")
    sold = nested([line(f"li_{n}") for n in range(120)])
    account.add("checkout_sessions", "cs_1", SPRING - 24 * HOUR, line_items=sold, **common)
    account.add("checkout_sessions", "cs_2", SPRING, line_items=nested([line("li_x")]), **common)
    account.event("charge.succeeded", account.objects["charges"]["ch_1"], int(time.time()) - HOUR)
