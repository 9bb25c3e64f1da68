"""The further fields of a profile: subscriptions' dates, plans and amounts, coupons, Checkouts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .bodies import created_of, item_price, period_end, subscription_items
from .cards import card_expiries
from .coupons import Coupons
from .lines import Lines
from .money import Fact, half_up, to_major
from .mrr import Mrr
from .objects import Body, Objects, id_of
from .orders import Order
from .profiles import Row, grouped, is_collection_paused, with_majors
from .question import Question, naive

RUNNING = ("active", "trialing", "past_due")
PLAN_STATUSES = (*RUNNING, "paused")
COUNTED_STATUSES = (*PLAN_STATUSES, "canceled")


def subscription_rows(objects: Objects, question: Question, on_clock: set[str]) -> list[Row]:
    """The rows of marts.subscriptions."""
    further = Further(objects, question)
    return [
        further.subscription(body)
        for body in objects.live("subscriptions")
        if question.exists(created_of(body)) and id_of(body["customer"]) not in on_clock
    ]


class Further:
    """Looks up what profiles need besides orders; reads the objects once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._objects = objects
        self._question = question
        self._products = objects.last_body("products")
        self._prices = objects.last_body("prices")
        self._coupons = Coupons(objects, question)
        self._lines = Lines(objects, question)
        self._cards = card_expiries(objects, question)
        self._mrr = Mrr(objects, question)
        begun = [
            body for body in objects.live("checkout_sessions") if question.exists(body["created"])
        ]
        self._sessions = grouped(begun, lambda body: id_of(body.get("customer")))

    def of(self, key: str, orders: list[Order], subscriptions: list[Body]) -> Row:
        """The further fields of one customer."""
        counted = [order for order in orders if order.is_counted]
        return {
            "stripe_last_counted_order_at": naive(
                max((order.ordered_at for order in counted), default=None)
            ),
            "stripe_coupons_used": self._coupons.used_on(counted),
            "stripe_products_bought": self._lines.products_of(orders),
            "stripe_card_expires_on": self._cards.get(key)
            if self._objects.can_read("charges")
            else None,
            "stripe_sales_basis": self._sales_basis(),
            "stripe_plan_names": self._plan_names(subscriptions),
            **self._dates(subscriptions),
            **self._abandoned(key, counted),
            **self.monthly(subscriptions),
        }

    def monthly_facts(self, subscriptions: list[Body]) -> list[Fact] | None:
        """The subscriptions' monthly amounts on the as-of day; None where one isn't known."""
        facts = []
        for body in subscriptions:
            amount = self._mrr.of(body)
            if amount is None:
                return None
            facts.append(Fact(amount, self._mrr.currency(body), self._question.today))
        return facts

    def monthly(self, subscriptions: list[Body]) -> Row:
        """The monthly amount of all in the reporting currency."""
        facts = self.monthly_facts(subscriptions)
        can_tell = facts is not None and self._objects.can_read("subscriptions")
        total = self._question.table.total(facts or []) if can_tell else None
        return with_majors({"stripe_mrr": total}, self._question.currency)

    def subscription(self, body: Body) -> Row:
        """One row of marts.subscriptions."""
        is_paused = is_collection_paused(body)
        counted = body["status"] if body["status"] in COUNTED_STATUSES else None
        exact = self._mrr.of(body)
        mrr = None if exact is None else half_up(exact)
        return {
            "subscription_id": body["id"],
            "stripe_customer_id": id_of(body["customer"]),
            "subscription_status": body["status"],
            "counted_status": "paused" if is_paused else counted,
            "has_paused_collection": body.get("pause_collection") is not None,
            "currency": self._mrr.currency(body),
            "plan_names": self._names_of([body]),
            "created_at": naive(created_of(body)),
            "started_at": naive(body.get("start_date") or body.get("start")),
            "trial_started_at": naive(body.get("trial_start")),
            "trial_ends_at": naive(body.get("trial_end")),
            "current_period_ends_at": naive(period_end(body)),
            "cancels_at": naive(_cancels_at(body)),
            "is_cancelled_at_period_end": body.get("cancel_at_period_end") is True,
            "cancellation_requested_at": self._past(body.get("canceled_at")),
            "ended_at": self._past(body.get("ended_at")),
            "ended_reason": self._reason(body, "reason", "ended_at"),
            "cancellation_feedback": self._reason(body, "feedback", "canceled_at"),
            "mrr": to_major(mrr, self._mrr.currency(body)),
            "mrr_minor": mrr,
        }

    def _sales_basis(self) -> str:
        """Which facts count; without InvoicePayments no one knows what a payment was for."""
        words = {
            "invoices": ("invoices",),
            "payments": ("charges", "invoice_payments"),
            "refunds": ("refunds", "invoice_payments"),
            "disputes": ("disputes", "invoice_payments"),
            "credit notes": ("credit_notes",),
        }
        return ", ".join(
            word for word, needed in words.items() if all(map(self._objects.can_read, needed))
        )

    def _plan_names(self, subscriptions: list[Body]) -> list[str] | None:
        return self._names_of([body for body in subscriptions if body["status"] in PLAN_STATUSES])

    def _names_of(self, subscriptions: list[Body]) -> list[str] | None:
        """The names of products, or for want of one prices' nicknames."""
        if not all(map(self._objects.can_read, ("products", "subscriptions"))):
            return None
        items = [item for body in subscriptions for item in subscription_items(body)]
        names = {self._plan_name(item_price(item)) for item in items}
        return sorted(name for name in names if name)

    def _plan_name(self, price: Any) -> str | None:
        """The product's name, or the price's: as the item holds it, or else as it is listed."""
        listed = self._prices.get(id_of(price) or "", {})
        whole = price if isinstance(price, dict) else listed
        product = self._products.get(id_of(whole.get("product")) or "", {})
        own = whole.get("nickname") or whole.get("name")
        return product.get("name") or own or listed.get("nickname")

    def _dates(self, subscriptions: list[Body]) -> Row:
        """What lies ahead of the subscriptions that run; with paused collection none does."""
        running = [
            body
            for body in subscriptions
            if body["status"] in RUNNING and not is_collection_paused(body)
        ]
        # The end of a trial is a first payment, no renewal.
        renewals = [
            period_end(body)
            for body in running
            if body["status"] != "trialing" and not _ends_with_its_period(body)
        ]
        trials = [body.get("trial_end") for body in running if body["status"] == "trialing"]
        return {
            "stripe_next_renewal_at": self._next(renewals),
            "stripe_trial_ends_at": self._next(trials),
            "stripe_cancels_at": self._next(_cancels_at(body) for body in running),
        }

    def _reason(self, body: Body, name: str, at: str) -> str | None:
        """What Stripe says of the end, once that has come."""
        details = body.get("cancellation_details") or {}
        return details.get(name) if self._question.exists(body.get(at)) else None

    def _past(self, at: int | None) -> datetime | None:
        return naive(at) if self._question.exists(at) else None

    def _next(self, moments: Iterable[int | None]) -> datetime | None:
        coming = [at for at in moments if at is not None and not self._question.exists(at)]
        return naive(min(coming, default=None))

    def _abandoned(self, key: str, counted: list[Order]) -> Row:
        """The last Checkout that expired unpaid, unless something was bought since it began."""
        sessions = self._sessions.get(key, [])
        bought = [order.ordered_at for order in counted]
        bought += [body["created"] for body in sessions if body["status"] == "complete"]
        left = [
            body
            for body in sessions
            if body["status"] == "expired"
            and body.get("payment_status") == "unpaid"
            and self._question.exists(body["expires_at"])
            and not any(created > body["created"] for created in bought)
        ]
        last: Any = max(left, key=lambda body: (body["expires_at"], body["id"]), default={})
        recovery = (last.get("after_expiration") or {}).get("recovery") or {}
        is_valid = not self._question.exists(recovery.get("expires_at"))
        return {
            "stripe_abandoned_checkout_at": naive(last.get("expires_at")),
            "stripe_abandoned_checkout_url": recovery.get("url") if is_valid else None,
        }


def _cancels_at(body: Body) -> int | None:
    if body.get("cancel_at") is not None:
        at: int = body["cancel_at"]
        return at
    return period_end(body) if body.get("cancel_at_period_end") else None


def _ends_with_its_period(body: Body) -> bool:
    ends, period = _cancels_at(body), period_end(body)
    return ends is not None and (period is None or ends <= period)
