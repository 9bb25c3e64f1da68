"""Objects whose every value Stripe's types allow and no shop means: the reader accepts them all."""

from collections.abc import Iterator
from typing import Any

from ..oracle import shapes, shapes_catalogue
from ..oracle.objects import Body

NINES = "9" * 25
HUGE = 9 * 10**18
LATEST = 221_845_392_000
LONG = "x" * 100_000
DECIMALS = (NINES, f"-{NINES}", "1e40", "0.000000000001", "10000000000000", "", "NaN", "1,5", None)
MOST = 10**13
QUANTITIES = (MOST, 1, 0, None)
COUNTS = (0, -1, 1, HUGE, None)
PERCENTS = (1000, -5, 1e30, 1e-12, 0, None)
CODES = ("XX", "", "USD", "☃", "usd ")


def absurd() -> Iterator[Body]:
    """Everything, each odd value in an object of its own."""
    yield from _customers()
    for number, price in enumerate(_prices()):
        yield price
        for place, quantity in enumerate(QUANTITIES):
            key = f"{number}_{place}"
            item = shapes_catalogue.subscription_item(
                f"si_{key}", f"sub_{key}", price, quantity=quantity
            )
            yield shapes_catalogue.subscription(f"sub_{key}", f"cus_{number}", [item])
    yield from _coupons()
    yield from _payments()


def _customers() -> Iterator[Body]:
    texts = ("", " ", LONG, "\x00\x01\x1f", "a\u0085b@\u202ec.d", "+" + "1" * 10_000, "\U0010ffff")
    for number, text in enumerate(texts):
        address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text)
        yield shapes.customer(
            f"cus_{number}",
            created=(0, LATEST)[number % 2],
            address=address,
            currency=text,
            description=text,
            email=text,
            metadata={f"k{text}": text, "a.b": "", "$x": "1", "'; drop": '"'},
            name=text,
            phone=text,
            preferred_locales=["en"],
            shipping={"address": address, "name": text, "phone": text},
        )


def _prices() -> Iterator[Body]:
    numbered = iter(range(1000))
    for decimal in DECIMALS:
        yield _price(next(numbered), unit_amount_decimal=decimal, unit_amount=None)
    for whole in (10**13, -(10**13), 0):
        yield _price(next(numbered), unit_amount=whole, unit_amount_decimal=None)
    for interval in ("day", "week", "month", "year", "", "aeon"):
        for count in COUNTS:
            recurring = {"interval": interval, "interval_count": count, "usage_type": "licensed"}
            yield _price(next(numbered), recurring=recurring)
    for divisor in (0, -1, HUGE, None):
        for direction in ("up", "down", "", None):
            rule = {"divide_by": divisor, "round": direction}
            yield _price(next(numbered), transform_quantity=rule)
    for mode in ("volume", "graduated", "", None):
        for tiers in _tiers():
            yield _price(
                next(numbered),
                billing_scheme="tiered",
                tiers=tiers,
                tiers_mode=mode,
                unit_amount=None,
                unit_amount_decimal=None,
            )
    for code in CODES:
        yield _price(next(numbered), currency=code)


def _price(number: int, **fields: Any) -> Body:
    return shapes_catalogue.price(f"price_{number}", **fields)


def _tiers() -> Iterator[list[Body] | None]:
    yield None
    yield []
    for bounds in ((None,), (None, None), (HUGE, None), (0, HUGE)):
        for decimal in (NINES, "-1", None):
            yield [
                {
                    "up_to": bound,
                    "unit_amount": None,
                    "unit_amount_decimal": decimal,
                    "flat_amount": 10**13,
                    "flat_amount_decimal": None,
                }
                for bound in bounds
            ]


def _coupons() -> Iterator[Body]:
    price = shapes_catalogue.price("price_plain")
    yield price
    terms: list[Body] = [{"percent_off": each, "amount_off": None} for each in PERCENTS]
    terms += [{"percent_off": None, "amount_off": each} for each in (10**13, -(10**13), 0)]
    for number, fields in enumerate(terms):
        for duration in ("forever", "once", "repeating", ""):
            key = f"{number}_{duration}"
            coupon = {
                **shapes_catalogue.coupon(f"co_{key}", ""),
                "duration": duration,
                "duration_in_months": HUGE if number % 2 else 0,
                "currency": "usd",
                **fields,
            }
            yield coupon
            discount = shapes_catalogue.discount(f"di_{key}", coupon["id"], "cus_0")
            item = shapes_catalogue.subscription_item(f"si_c{key}", f"sub_c{key}", price)
            yield shapes_catalogue.subscription(
                f"sub_c{key}", "cus_0", [item], discounts=[{**discount, "coupon": coupon}]
            )


def _payments() -> Iterator[Body]:
    amounts = (10**13, -(10**13), -1, 0, None)
    times = (0, LATEST)
    numbered = iter(range(1000))
    for amount in amounts:
        for created in times:
            for code in CODES:
                yield from _sale(str(next(numbered)), amount, created, code)


def _sale(key: str, amount: int | None, created: int, code: str) -> Iterator[Body]:
    owner = f"cus_{len(key)}"
    common: Body = {"created": created, "currency": code}
    quantity = MOST if amount else None
    lines = [shapes.line(f"il_{key}_{each}", 0, quantity) for each in range(3)]
    for line in lines:
        line["amount"] = amount
        line["description"] = LONG[:1000]
        line["quantity_decimal"] = NINES if created else None
    invoice = shapes.invoice(f"in_{key}", owner, lines=lines, **common)
    names = ("total", "subtotal", "amount_paid", "amount_due", "total_excluding_tax")
    yield {**invoice, **dict.fromkeys(names, amount)}
    payment = {"type": "charge", "charge": f"ch_{key}"}
    yield shapes.invoice_payment(f"inpay_{key}", f"in_{key}", None, amount, payment=payment)
    amounts = dict.fromkeys(("amount", "amount_captured", "amount_refunded"), amount)
    yield {**shapes.charge(f"ch_{key}", owner, **common), **amounts}
    yield {**shapes.charge(f"ch_{key}_alone", owner, **common), **amounts}
    yield shapes.refund(f"re_{key}", f"ch_{key}_alone", amount or 0, **common)
    yield shapes.dispute(f"dp_{key}", f"ch_{key}", amount or 0, **common)
    note = shapes.credit_note(f"cn_{key}", f"in_{key}", owner, 0, **common)
    yield {**note, "out_of_band_amount": amount or 0, "total": amount}
