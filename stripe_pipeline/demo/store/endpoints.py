"""The demo store's endpoints: each resource's path, permission, filters and expandable fields.

Source: the GET operations of Stripe's OpenAPI description; a test compares the two. Permission
names: https://docs.stripe.com/keys/permissions-reference.
"""

from dataclasses import dataclass

CURSORS = ("starting_after", "ending_before", "limit", "expand")


@dataclass(frozen=True)
class Nested:
    """A list inside an object: its field, and the resource name of its entries' own store rows."""

    field: str
    object: str
    path: str | None = None  # below the parent's path


@dataclass(frozen=True)
class Endpoint:
    """A resource that can be listed and retrieved.

    `columns` maps a parameter to the store's column that it filters; `fields` maps one to a path
    in the body; `ranges` are parameters that take gt, gte, lt and lte, with the body's path, or
    None for the row's own `created`.
    """

    resource: str
    path: str
    object: str
    permission: str
    columns: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    ranges: tuple[tuple[str, str | None], ...] = (("created", None),)
    nested: Nested | None = None
    parameters: tuple[str, ...] = ()  # with a meaning of their own
    is_listed: bool = True


CUSTOMER = ("customer", "customer")
ACCOUNT = ("customer_account", "$.customer_account")

ENDPOINTS = (
    Endpoint(
        "customers",
        "/v1/customers",
        "customer",
        "customer_read",
        columns=(("test_clock", "test_clock"),),
        fields=(("email", "$.email"),),
    ),
    Endpoint(
        "products",
        "/v1/products",
        "product",
        "product_read",
        fields=(("active", "$.active"), ("shippable", "$.shippable"), ("url", "$.url")),
        parameters=("ids",),
    ),
    Endpoint(
        "prices",
        "/v1/prices",
        "price",
        "plan_read",
        fields=(
            ("active", "$.active"),
            ("currency", "$.currency"),
            ("product", "$.product"),
            ("type", "$.type"),
            ("recurring[interval]", "$.recurring.interval"),
            ("recurring[meter]", "$.recurring.meter"),
            ("recurring[usage_type]", "$.recurring.usage_type"),
        ),
        parameters=("lookup_keys",),
    ),
    Endpoint("coupons", "/v1/coupons", "coupon", "coupon_read"),
    Endpoint(
        "promotion_codes",
        "/v1/promotion_codes",
        "promotion_code",
        "promotion_code_read",
        columns=(CUSTOMER,),
        fields=(
            ("active", "$.active"),
            ("code", "$.code"),
            ("coupon", "$.promotion.coupon"),
            ACCOUNT,
        ),
    ),
    Endpoint(
        "subscriptions",
        "/v1/subscriptions",
        "subscription",
        "subscription_read",
        columns=(CUSTOMER, ("status", "status"), ("test_clock", "test_clock")),
        fields=(
            ("automatic_tax[enabled]", "$.automatic_tax.enabled"),
            ("collection_method", "$.collection_method"),
            ("price", "$.items.data[0].price.id"),
            ACCOUNT,
        ),
        ranges=(
            ("created", None),
            ("current_period_end", "$.items.data[0].current_period_end"),
            ("current_period_start", "$.items.data[0].current_period_start"),
        ),
        nested=Nested("items", "subscription_item"),
    ),
    Endpoint(
        "invoices",
        "/v1/invoices",
        "invoice",
        "invoice_read",
        columns=(CUSTOMER, ("status", "status"), ("subscription", "subscription")),
        fields=(("collection_method", "$.collection_method"), ACCOUNT),
        ranges=(("created", None), ("due_date", "$.due_date")),
        nested=Nested("lines", "line_item", "lines"),
    ),
    Endpoint(
        "invoice_payments",
        "/v1/invoice_payments",
        "invoice_payment",
        "invoice_read",
        columns=(
            ("status", "status"),
            ("invoice", "invoice"),
            ("payment[payment_intent]", "payment_intent"),
        ),
        fields=(
            ("payment[type]", "$.payment.type"),
            ("payment[payment_record]", "$.payment.payment_record"),
        ),
    ),
    Endpoint(
        "charges",
        "/v1/charges",
        "charge",
        "charge_read",
        columns=(CUSTOMER, ("payment_intent", "payment_intent")),
        fields=(("transfer_group", "$.transfer_group"),),
    ),
    Endpoint(
        "refunds",
        "/v1/refunds",
        "refund",
        "charge_read",
        columns=(("charge", "charge"), ("payment_intent", "payment_intent")),
    ),
    Endpoint(
        "credit_notes",
        "/v1/credit_notes",
        "credit_note",
        "credit_note_read",
        columns=(CUSTOMER, ("invoice", "invoice")),
        fields=(ACCOUNT,),
        nested=Nested("lines", "credit_note_line_item", "lines"),
    ),
    Endpoint(
        "disputes",
        "/v1/disputes",
        "dispute",
        "dispute_read",
        columns=(("charge", "charge"), ("payment_intent", "payment_intent")),
    ),
    Endpoint(
        "checkout_sessions",
        "/v1/checkout/sessions",
        "checkout.session",
        "checkout_session_read",
        columns=(
            CUSTOMER,
            ("status", "status"),
            ("subscription", "subscription"),
            ("payment_intent", "payment_intent"),
        ),
        fields=(
            ("payment_link", "$.payment_link"),
            ("customer_details[email]", "$.customer_details.email"),
            ACCOUNT,
        ),
        nested=Nested("line_items", "item", "line_items"),
    ),
    Endpoint(
        "events",
        "/v1/events",
        "event",
        "event_read",
        parameters=("type", "types", "delivery_success"),
    ),
    Endpoint(
        "test_clocks",
        "/v1/test_helpers/test_clocks",
        "test_helpers.test_clock",
        "test_clock_read",
        ranges=(),
    ),
    # Discounts have no endpoint and no permission of their own: they are only sent expanded.
    Endpoint("discounts", "", "discount", "", is_listed=False),
)

BY_RESOURCE = {endpoint.resource: endpoint for endpoint in ENDPOINTS}
BY_OBJECT = {endpoint.object: endpoint for endpoint in ENDPOINTS}

# The resource that an id in a field refers to, by the object that holds it, for `expand`.
REFERENCES = {
    "customer": {"test_clock": "test_clocks"},
    "product": {"default_price": "prices"},
    "price": {"product": "products"},
    "promotion_code": {"customer": "customers"},
    "discount": {"customer": "customers", "promotion_code": "promotion_codes"},
    "subscription": {
        "customer": "customers",
        "discounts": "discounts",
        "latest_invoice": "invoices",
        "test_clock": "test_clocks",
    },
    "subscription_item": {"discounts": "discounts"},
    "invoice": {
        "customer": "customers",
        "discounts": "discounts",
        "test_clock": "test_clocks",
    },
    "line_item": {"discounts": "discounts", "subscription": "subscriptions"},
    "invoice_payment": {"invoice": "invoices"},
    "charge": {"customer": "customers"},
    "refund": {"charge": "charges"},
    "credit_note": {"customer": "customers", "invoice": "invoices"},
    "dispute": {"charge": "charges"},
    "checkout.session": {
        "customer": "customers",
        "invoice": "invoices",
        "subscription": "subscriptions",
    },
    # Objects without a name of their own, by the field that holds them.
    "source": {"coupon": "coupons"},
    "promotion": {"coupon": "coupons"},
    "payment": {"charge": "charges"},
    "price_details": {"price": "prices"},
    "subscription_details": {"subscription": "subscriptions"},
    "subscription_item_details": {"subscription": "subscriptions"},
    "refunds": {"refund": "refunds"},
    "total_discount_amounts": {"discount": "discounts"},
    "discount_amounts": {"discount": "discounts"},
}

# Fields that Stripe leaves out unless they are expanded; these come with the object,
INCLUDABLE = {
    "price": ("tiers", "currency_options"),
    "coupon": ("applies_to", "currency_options"),
    "checkout.session": ("line_items",),
    "invoice": ("amount_paid_off_stripe",),
}
# and these are lists of other objects: the resource, and its column that holds the parent's id.
COLLECTED = {
    "invoice": {"payments": ("invoice_payments", "invoice")},
    "charge": {"refunds": ("refunds", "charge")},
    "customer": {"subscriptions": ("subscriptions", "customer")},
}
