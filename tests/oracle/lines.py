"""What each order sells, line by line, and what its total is made of."""

from decimal import Decimal
from typing import Any

from .bodies import discounts_of, entries, is_proration, line_price
from .money import in_both_units
from .objects import Body, Objects, id_of
from .orders import Order, is_metered, metered_prices, quantity_of
from .profiles import Row
from .question import Question, naive
from .sales_days import tie_row

TIE = "order_lines with what order_line_sums sets beside them, and the totals of orders"
LINE_AMOUNTS = ("amount", "discount", "tax", "tax_on_top")


class Lines:
    """Finds the lines of orders; reads the objects once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._metered = metered_prices(objects)
        self._prices = objects.last_body("prices")
        self._products = objects.last_body("products") if objects.can_read("products") else {}
        self._invoices = objects.last_body("invoices")
        self._charges = objects.last_body("charges")
        begun = [
            body
            for body in objects.live("checkout_sessions")
            if question.exists(body["created"]) and entries(body, "line_items")
        ]
        begun.sort(key=lambda body: (body["created"], body["id"]))
        self._sessions = {id_of(body.get("payment_intent")): body for body in begun}
        self._knows_invoices = objects.can_read("invoices")
        self._knows_sessions = objects.can_read("checkout_sessions")

    def rows(self, order: Order) -> list[Row]:
        """The rows of marts.order_lines of one order."""
        return [self._row(order, line) for line in self._listed(order)]

    def products_of(self, orders: list[Order]) -> list[str] | None:
        """The products of paid orders, each once; None where a source may not be read."""
        paid = [order for order in orders if order.is_paid]
        if not self._knows_invoices:
            return None
        if not self._knows_sessions and any(order.source == "payment" for order in paid):
            return None
        found = {row["product"] for order in paid for row in self.rows(order)}
        return sorted(found - {None})

    def session_of(self, order: Order) -> Body | None:
        """The Checkout session that lists what a payment sold."""
        intent = id_of(self._charges[order.order_id].get("payment_intent"))
        found = self._sessions.get(intent) if intent else None
        return found if self._knows_sessions else None

    def sums(self, order: Order) -> Row:
        """The row of marts.order_line_sums of one order."""
        rows = self.rows(order)
        of = self._of_payment if order.source == "payment" else self._of_invoice
        parts = of(order, rows)
        amounts = [row["amount_minor"] for row in rows]
        lines = None if None in amounts else sum(amounts)
        said = {name: parts[name] or 0 for name in ("discount", "tax_on_top", "shipping", "credit")}
        difference = None
        if lines is not None and order.total is not None:
            added = said["tax_on_top"] + said["shipping"] - said["discount"] - said["credit"]
            difference = order.total - lines - added
        minor = {"lines_amount": lines, **said, "order_total": order.total}
        return {
            "order_id": order.order_id,
            "stripe_customer_id": order.customer,
            "currency": order.currency,
            "lines": len(rows),
            "difference_reason": _reason(difference, len(rows), parts),
            **in_both_units({**minor, "difference": difference}, order.currency),
        }

    def _listed(self, order: Order) -> list[Row]:
        if order.source == "invoice":
            return [
                self._of_line(line) for line in entries(self._invoices[order.order_id], "lines")
            ]
        session = self.session_of(order)
        if session is None:
            alone = {"line_id": order.order_id, "quantity": 1, "amount": order.total}
            return [alone]
        items = entries(session, "line_items")
        return [self._of_item(item, order.currency) for item in items]

    def _of_line(self, line: Body) -> Row:
        details = (line.get("pricing") or {}).get("price_details") or {}
        price = line_price(line)
        product = id_of(details.get("product")) or _product(line.get("price"))
        taxes = line.get("taxes") if line.get("taxes") is not None else line.get("tax_amounts")
        parent, period = line.get("parent") or {}, line.get("period") or {}
        given = [
            (parent.get(f"{kind}_item_details") or {}).get("subscription")
            for kind in ("subscription", "invoice")
        ]
        return {
            "line_id": line["id"],
            "description": line.get("description"),
            "product_id": product or _product(line.get("plan")),
            "price_id": id_of(price),
            "subscription_id": id_of(given[0] or given[1] or line.get("subscription")),
            "quantity": 1 if is_metered(price, self._metered) else quantity_of(line),
            "stated_quantity": _stated(line),
            "is_proration": is_proration(line),
            "period_starts_at": naive(period.get("start")),
            "period_ends_at": naive(period.get("end")),
            "amount": line.get("amount"),
            "discount": _total(line.get("discount_amounts")),
            "tax": _total(taxes),
            "tax_on_top": _on_top(taxes),
        }

    def _of_item(self, item: Body, currency: str | None) -> Row:
        found = {
            "line_id": item["id"],
            "description": item.get("description"),
            "product_id": _product(item.get("price")),
            "price_id": id_of(item.get("price")),
            "quantity": quantity_of(item),
            "stated_quantity": _stated(item),
        }
        if not _is_in(currency, item):
            return found
        amount: Any = item.get("amount_subtotal")
        total: Any = item.get("amount_total")
        discount = item.get("amount_discount")
        known = amount is not None and total is not None
        on_top = total - amount + (discount or 0) if known else None
        tax = item.get("amount_tax")
        return {**found, "amount": amount, "discount": discount, "tax": tax, "tax_on_top": on_top}

    def _row(self, order: Order, line: Row) -> Row:
        price = self._prices.get(line.get("price_id") or "", {})
        product = line.get("product_id") or id_of(price.get("product"))
        named = (
            "line_id", "description", "price_id", "quantity", "stated_quantity", "subscription_id",
            "period_starts_at", "period_ends_at",
        )  # fmt: skip
        return {
            "order_id": order.order_id,
            "stripe_customer_id": order.customer,
            "order_status": order.status,
            "is_counted": order.is_counted,
            "ordered_at": naive(order.ordered_at),
            "paid_at": naive(order.paid_at),
            "currency": order.currency,
            "product_id": product,
            "product": self._products.get(product or "", {}).get("name") or product,
            "price_nickname": price.get("nickname") or None,
            "is_proration": line.get("is_proration", False),
            **{name: line.get(name) for name in named},
            **in_both_units({name: line.get(name) for name in LINE_AMOUNTS}, order.currency),
        }

    def _of_invoice(self, order: Order, rows: list[Row]) -> Row:
        """The parts of an invoice's total, and what else may name a difference."""
        body = self._invoices[order.order_id]
        taxes = body.get("total_taxes")
        taxes = body.get("total_tax_amounts") if taxes is None else taxes
        cost = body.get("shipping_cost") or {}
        credits = body.get("total_pretax_credit_amounts") or []
        of_credit = [each for each in credits if each.get("type") == "credit_balance_transaction"]
        discount = _total(body.get("total_discount_amounts"))
        total: Any = body.get("total")
        untaxed: Any = body.get("total_excluding_tax")
        shipping = cost.get("amount_total")
        return {
            "discount": _sum(rows, "discount") if discount is None else discount,
            "tax_on_top": _first(_on_top(taxes), _sum(rows, "tax_on_top"), body.get("tax")),
            "shipping": body.get("amount_shipping") if shipping is None else shipping,
            "credit": _total(of_credit),
            "has_discounts": bool(discounts_of(body)),
            "shipping_tax": cost.get("amount_tax") or 0,
            "all_tax": 0 if None in (total, untaxed) else total - untaxed,
        }

    def _of_payment(self, order: Order, rows: list[Row]) -> Row:
        session = self.session_of(order) or {}
        if not all(_is_in(order.currency, item) for item in entries(session, "line_items")[:1]):
            session = {}
        cost, details = session.get("shipping_cost") or {}, session.get("total_details") or {}
        charge = self._charges[order.order_id]
        asked: Any = charge.get("amount")
        return {
            "discount": _sum(rows, "discount"),
            "tax_on_top": _sum(rows, "tax_on_top"),
            "shipping": _first(cost.get("amount_total"), details.get("amount_shipping")),
            "credit": 0,
            "uncaptured": None if None in (asked, order.total) else asked - (order.total or 0),
            "shipping_tax": 0,
            "all_tax": 0,
        }


def _reason(difference: int | None, lines: int, parts: Row) -> str | None:
    """Why lines and total differ, in the order in which reasons go before others."""
    if not difference:
        return "unknown" if difference is None else None
    reasons = {
        "no_lines": lines == 0,
        "partial_capture": parts.get("uncaptured") == -difference,
        "discount": parts["discount"] is None and parts.get("has_discounts") and difference < 0,
        "tax": not parts["tax_on_top"] and difference == parts["all_tax"],
        "shipping_tax": difference == -parts["shipping_tax"],
        "rounding": abs(difference) <= lines,
    }
    return next((name for name, holds in reasons.items() if holds), "unnamed")


def line_ties(sums: list[Row]) -> list[Row]:
    """The rows of marts.fact_ties about lines: what these have to give are orders' totals."""
    found: dict[str, int] = {}
    for row in sums:
        if row["difference_reason"] != "unknown":
            currency = row["currency"] or "unknown"
            found[currency] = found.get(currency, 0) + row["order_total_minor"]
    return [tie_row(TIE, currency, minor, 0) for currency, minor in found.items()]


def _is_in(currency: str | None, item: Body) -> bool:
    """Whether a Checkout session's line item is in a currency, as it is if it names none."""
    return (item.get("currency") or currency or "").lower() == currency


def _product(price: Any) -> str | None:
    return id_of(price.get("product")) if isinstance(price, dict) else None


def _stated(line: Body) -> Decimal | None:
    given = line.get("quantity_decimal")
    given = line.get("quantity") if given is None else given
    return None if given is None else Decimal(str(given))


def _total(amounts: list[Body] | None) -> int | None:
    return None if amounts is None else sum(each.get("amount") or 0 for each in amounts)


def _on_top(taxes: list[Body] | None) -> int | None:
    """The taxes that amounts don't include."""
    if taxes is None:
        return None
    return _total(
        [
            tax
            for tax in taxes
            if tax.get("tax_behavior") != "inclusive"
            and not (tax.get("tax_behavior") is None and tax.get("inclusive"))
        ]
    )


def _sum(rows: list[Row], name: str) -> int | None:
    """The sum over lines; None without any, or where one of them doesn't say."""
    amounts = [row[f"{name}_minor"] for row in rows]
    return None if None in amounts or not rows else sum(amounts)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
