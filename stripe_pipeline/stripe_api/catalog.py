"""The catalog: which resources are read from Stripe, and how, one declarative row each.

Source of the paths, filters, expansions and event names: the API reference of the pinned version.
"""

from dataclasses import dataclass

# The version that stripe==16.1.0 speaks; a test holds the two together.
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class NestedList:
    """A list inside an object, of which Stripe embeds about ten entries and pages the rest."""

    field: str
    path: str  # with {id} for the parent's id
    parameter: str | None = None  # query parameter that takes the parent's id, if the path doesn't


@dataclass(frozen=True)
class Resource:
    """One kind of Stripe object.

    `permission` is the restricted key's Read permission that the list needs; `events` are the
    prefixes of the event types that announce a change of such an object.
    """

    name: str
    path: str
    object: str
    permission: str
    events: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    nested: tuple[NestedList, ...] = ()

    @property
    def label(self) -> str:
        """The resource's name as Stripe's dashboard words a permission: "Checkout Sessions"."""
        return self.name.replace("_", " ").title()


RESOURCES: tuple[Resource, ...] = (
    Resource(
        "customers",
        "/v1/customers",
        "customer",
        "customer_read",
        events=("customer.created", "customer.updated", "customer.deleted", "customer.discount."),
    ),
    Resource("products", "/v1/products", "product", "product_read", events=("product.",)),
    # Stripe still calls the permission for prices by their older name, plans.
    Resource("prices", "/v1/prices", "price", "plan_read", ("price.",), expand=("tiers",)),
    Resource("coupons", "/v1/coupons", "coupon", "coupon_read", ("coupon.",), ("applies_to",)),
    Resource(
        "promotion_codes",
        "/v1/promotion_codes",
        "promotion_code",
        "promotion_code_read",
        events=("promotion_code.",),
    ),
    Resource(
        "subscriptions",
        "/v1/subscriptions",
        "subscription",
        "subscription_read",
        events=("customer.subscription.", "customer.discount."),
        expand=("discounts",),
        # Without it Stripe leaves out the canceled ones.
        parameters=(("status", "all"),),
        nested=(NestedList("items", "/v1/subscription_items", parameter="subscription"),),
    ),
    Resource(
        "invoices",
        "/v1/invoices",
        "invoice",
        "invoice_read",
        events=("invoice.", "invoiceitem."),
        expand=("discounts",),
        nested=(NestedList("lines", "/v1/invoices/{id}/lines"),),
    ),
    Resource(
        "invoice_payments",
        "/v1/invoice_payments",
        "invoice_payment",
        "invoice_read",
        events=("invoice_payment.",),
    ),
    Resource("charges", "/v1/charges", "charge", "charge_read", events=("charge.",)),
    Resource(
        "refunds", "/v1/refunds", "refund", "charge_read", events=("refund.", "charge.refund.")
    ),
    Resource(
        "credit_notes",
        "/v1/credit_notes",
        "credit_note",
        "credit_note_read",
        events=("credit_note.",),
        nested=(NestedList("lines", "/v1/credit_notes/{id}/lines"),),
    ),
    Resource(
        "disputes", "/v1/disputes", "dispute", "dispute_read", events=("charge.dispute.",)
    ),
    Resource(
        "checkout_sessions",
        "/v1/checkout/sessions",
        "checkout.session",
        "checkout_session_read",
        events=("checkout.session.",),
        expand=("line_items",),
        nested=(NestedList("line_items", "/v1/checkout/sessions/{id}/line_items"),),
    ),
    Resource("events", "/v1/events", "event", "event_read"),
)

BY_NAME = {resource.name: resource for resource in RESOURCES}
