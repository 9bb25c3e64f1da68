"""The catalog: which resources are read from Stripe, and how, one declarative row each.

Source of the paths, filters and expansions: the API reference of the pinned version.
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
    expand: tuple[str, ...] = ()  # what is expanded in each entry


@dataclass(frozen=True)
class Resource:
    """One kind of Stripe object.

    `permission` is the restricted key's Read permission that the list needs, and `permission_name`
    the row of the dashboard where it is given. `has_new_objects_unannounced` says that no event
    tells reliably of a new one, so each sync lists the newest by `created` as well.
    """

    name: str
    path: str
    object: str
    permission: str
    permission_name: str
    expand: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    nested: tuple[NestedList, ...] = ()
    has_new_objects_unannounced: bool = False

    @property
    def label(self) -> str:
        """The resource's name as Stripe's dashboard words it: "Checkout Sessions"."""
        return self.name.replace("_", " ").title()

    @property
    def one(self) -> str:
        """The endpoint of a single object."""
        return f"{self.path}/{{id}}"

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every endpoint that reading the resource uses."""
        return (self.path, self.one, *(nested.path for nested in self.nested))


RESOURCES: tuple[Resource, ...] = (
    Resource("customers", "/v1/customers", "customer", "customer_read", "Customers"),
    Resource("products", "/v1/products", "product", "product_read", "Products"),
    Resource(
        "prices",
        "/v1/prices",
        "price",
        # Stripe still calls the permission for prices by their older name, plans.
        "plan_read",
        "Prices",
        expand=("tiers",),
    ),
    Resource("coupons", "/v1/coupons", "coupon", "coupon_read", "Coupons", expand=("applies_to",)),
    Resource(
        "promotion_codes",
        "/v1/promotion_codes",
        "promotion_code",
        "promotion_code_read",
        "Promotion Codes",
    ),
    Resource(
        "subscriptions",
        "/v1/subscriptions",
        "subscription",
        "subscription_read",
        "Subscriptions",
        expand=("discounts", "items.data.discounts"),
        # Without it Stripe leaves out the canceled ones.
        parameters=(("status", "all"),),
        nested=(
            NestedList(
                "items", "/v1/subscription_items", parameter="subscription", expand=("discounts",)
            ),
        ),
    ),
    Resource(
        "invoices",
        "/v1/invoices",
        "invoice",
        "invoice_read",
        "Invoices",
        expand=("discounts",),
        nested=(NestedList("lines", "/v1/invoices/{id}/lines"),),
    ),
    Resource(
        "invoice_payments",
        "/v1/invoice_payments",
        "invoice_payment",
        "invoice_read",
        "Invoices",
        has_new_objects_unannounced=True,
    ),
    Resource(
        "charges",
        "/v1/charges",
        "charge",
        "charge_read",
        "Charges and Refunds",
        has_new_objects_unannounced=True,
    ),
    Resource(
        "refunds",
        "/v1/refunds",
        "refund",
        "charge_read",
        "Charges and Refunds",
        has_new_objects_unannounced=True,
    ),
    Resource(
        "credit_notes",
        "/v1/credit_notes",
        "credit_note",
        "credit_note_read",
        "Credit notes",
        nested=(NestedList("lines", "/v1/credit_notes/{id}/lines"),),
        has_new_objects_unannounced=True,
    ),
    Resource(
        "disputes",
        "/v1/disputes",
        "dispute",
        "dispute_read",
        "Disputes",
        has_new_objects_unannounced=True,
    ),
    Resource(
        "checkout_sessions",
        "/v1/checkout/sessions",
        "checkout.session",
        "checkout_session_read",
        "Checkout Sessions",
        expand=("line_items",),
        nested=(NestedList("line_items", "/v1/checkout/sessions/{id}/line_items"),),
        # Stripe has no event for a session that is opened.
        has_new_objects_unannounced=True,
    ),
    Resource("events", "/v1/events", "event", "event_read", "Events"),
)

BY_NAME = {resource.name: resource for resource in RESOURCES}
BY_OBJECT = {resource.object: resource for resource in RESOURCES}
