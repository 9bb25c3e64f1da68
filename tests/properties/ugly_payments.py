"""Charges, what is taken back of them, and Checkouts, of customers and of guests."""

from dataclasses import dataclass
from random import Random
from typing import Any

from ..oracle import shapes, shapes_catalogue
from ..oracle.objects import Body
from .ugly_subscriptions import Subscriptions
from .ugly_values import COUNTRIES, NAMES, email, phone

REFUND_STATUSES = (
    *("succeeded", "succeeded", "pending", "requires_action"),
    *("failed", "canceled", "in_transit", None),
)
DISPUTE_STATUSES = (
    *("lost", "lost", "won", "needs_response", "under_review", "warning_closed"),
    *("warning_needs_response", "warning_under_review"),
    *("prevented", "appeal_needs_response", "appeal_under_review", "escalated"),
)


@dataclass
class Payments(Subscriptions):
    """Makes up payments."""

    def charge(self, owner: str | None, currency: str, intent: str | None) -> Body:
        """A charge: captured in part, only authorised, failed, or good."""
        amount = self.amount()
        captured = self.chance(90)
        part = self.pick(amount, amount, amount // 2) if captured else 0
        return self.add(
            shapes.charge(
                self.key(self.pick("ch", "py")), owner, amount, currency=currency,
                amount_captured=part, captured=captured, created=self.moment(),
                payment_intent=intent,
                status=self.pick(*["succeeded"] * 8, "failed", "pending"),
                billing_details=self.pick({"address": None}, self.details(), self.details()),
                receipt_email=self.pick(None, email(self.random, self.prefix)),
                payment_method_details=self.pick(None, {"type": "sepa_debit"}, *[self._card()] * 4),
                **self._how_it_went(),
            )
        )  # fmt: skip

    def _card(self) -> Body:
        expiry = {"exp_month": self.random.randint(1, 12), "exp_year": self.pick(2024, 2028, 2031)}
        pick: Any = Random(f"{self.prefix} {self._count} card").choice
        card = {"brand": pick(("visa", "Amex", "", None)), "country": pick(("DE", None))}
        return {"type": "card", "card": {**card, **self.pick({}, expiry, expiry)}}

    def _how_it_went(self) -> Body:
        """Why it failed, and what was charged as a charge once held it."""
        pick: Any = Random(f"{self.prefix} {self._count}").choice
        kind = pick(("authorized", "issuer_declined", "blocked", "invalid"))
        reason = pick((None, "insufficient_funds", "rule", "x_2030"))
        source = {"object": pick(("card", "bank_account")), "brand": "Visa", "country": "US"}
        return {
            "failure_code": pick((None, "", "card_declined", "expired_card", "new_in_2030")),
            "outcome": pick((None, {"type": "blocked"}, {"type": kind, "reason": reason})),
            **pick(({}, {}, {"source": source}, {"source": None})),
        }

    def details(self) -> Body:
        """Who paid, as entered with the payment."""
        address = {"country": self.pick(*COUNTRIES), "city": "Köln"}
        return {
            "address": self.pick(None, address, address),
            "email": email(self.random, self.prefix),
            "name": self.pick(*NAMES),
            "phone": phone(self.random, self.prefix),
        }

    def payment(self, owner: str | None) -> None:
        """A one-off payment, through Checkout or not."""
        intent = self.pick(None, self.key("pi"))
        charge = self.charge(owner, self.pick(*self.currencies), intent)
        for _ in range(self.pick(0, 1, 1, 2) if intent else 0):
            self._bought(charge, owner)
        self.take_back(charge)

    def _bought(self, charge: Body, owner: str | None) -> None:
        """The Checkout of a payment; one whose line items no one read has none."""
        quantities = [self.pick(1, 2, 40, None) for _ in range(self.pick(0, 1, 3, 11))]
        session = self.add(
            shapes_catalogue.checkout_session(
                self.key("cs"), owner, charge["payment_intent"],
                quantities=quantities, created=self.pick(charge["created"], self.moment()),
                customer_details=self.pick(None, self.details()),
                discounts=self._checkout_discounts(),
            )
        )  # fmt: skip
        self._list_items(session, charge)

    def _list_items(self, session: Body, charge: Body) -> None:
        """What was sold, in the charge's currency or another, with and without a price."""
        pick: Any = Random(f"{self.prefix} {session['id']}").choice
        session["shipping_cost"] = pick((None, {"amount_total": 500}))
        session["total_details"] = pick((None, {"amount_shipping": 500}))
        for item in session["line_items"]["data"]:
            item["currency"] = pick((charge["currency"], charge["currency"], "sek", None))
            item["price"] = pick((None, *self.prices.values(), "price_gone"))
            item["amount_discount"] = pick((0, 10, None))
            item["amount_tax"] = pick((0, 190, None))
            item["amount_total"] = pick((1000, 1190, 990, None))
            item["description"] = pick((None, "Coffee", "For Ada"))

    def _checkout_discounts(self) -> list[Body] | None:
        """A Checkout names a coupon or the code that was typed in."""
        coupon = {"coupon": self.coupon(), "promotion_code": None}
        code = {"coupon": None, "promotion_code": self.code()}
        return self.pick(None, [], [coupon], [code])

    def take_back(self, charge: Body) -> None:
        """Refunds and disputes of a charge, some of which say only the payment intent."""
        intent = charge["payment_intent"]
        self._release(charge)
        for _ in range(self.pick(0, 0, 1, 2, 3)):
            key, created = self.key("x"), self.moment()
            of = self.pick(charge["id"], charge["id"], None) if intent else charge["id"]
            amount = self.pick(charge["amount_captured"], charge["amount_captured"] // 3, 1)
            fields: dict[str, Any] = {
                "created": created,
                "currency": charge["currency"],
                "payment_intent": self.pick(intent, intent, None) if of else intent,
            }
            if self.chance(70):
                status = self.pick(*REFUND_STATUSES)
                self.add(shapes.refund(f"re_{key}", of, amount, status=status, **fields))
            else:
                status = self.pick(*DISPUTE_STATUSES)
                if self.chance(15):
                    fields["currency"] = self.pick(*self.currencies)
                self.add(shapes.dispute(f"dp_{key}", of, amount, status=status, **fields))

    def _release(self, charge: Body) -> None:
        """The refund that once stood for what a partial capture released of the authorisation."""
        rest = charge["amount"] - charge["amount_captured"]
        charge["amount_refunded"] = self.pick(0, rest, charge["amount"], charge["amount_captured"])
        charge["refunded"] = self.chance(50)
        if rest and self.chance(50):
            self.add(
                shapes.refund(
                    self.key("re"), charge["id"], rest,
                    created=charge["created"], currency=charge["currency"],
                )
            )  # fmt: skip

    def checkout(self, owner: str | None) -> None:
        """A Checkout that led to no charge."""
        created = self.moment()
        self.add(
            shapes_catalogue.checkout_session(
                self.key("cs"), owner, None, created=created,
                expires_at=self.pick(created, created + 1, self.moment()),
                after_expiration=self._recovery(),
                customer_details=self.pick(None, self.details()),
                mode=self.pick("payment", "subscription", "setup"),
                status=self.pick("expired", "expired", "open", "complete", "forgotten"),
                payment_status=self.pick("unpaid", "unpaid", "paid", "no_payment_required"),
            )
        )  # fmt: skip

    def _recovery(self) -> Body | None:
        """Where an expired Checkout can be taken up again, for some time."""
        url = {"url": f"https://example.com/{self._count}", "allow_promotion_codes": False}
        found = {"recovery": {**url, "enabled": True, "expires_at": self.moment()}}
        return self.pick(None, {"recovery": None}, found, found)
