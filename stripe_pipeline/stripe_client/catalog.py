"""The catalog: which resources are read from Stripe, and how, one declarative row each.

Events report what changed. What has no event is polled, and each row says why.
Source of the paths, filters and expansions: the API reference of the pinned version. Source of
what has no event: https://docs.stripe.com/api/events/types, where it is missing.
"""

from stripe_pipeline.stripe_client.resources import (
    DAY,
    HOUR,
    NestedList,
    Resource,
    Sweep,
    Unannounced,
)

# The version that stripe==16.1.0 uses; a test checks that the two agree.
API_VERSION = "2026-10-28.endive"

_DISPUTES_UNDER_WAY = frozenset(
    {
        "warning_needs_response",
        "warning_under_review",
        "needs_response",
        "under_review",
        "appeal_needs_response",
        "appeal_under_review",
    }
)

RESOURCES: tuple[Resource, ...] = (
    Resource("customers", "/v1/customers", "customer", "customer_read", "Customers"),
    Resource(
        "products",
        "/v1/products",
        "product",
        "product_read",
        "Products",
        sweep=Sweep("A catalogue is small, and one request a day makes sure that it is right"),
    ),
    Resource(
        "prices",
        "/v1/prices",
        "price",
        # Stripe still calls the permission for prices by their older name, plans.
        "plan_read",
        "Prices",
        expand=("tiers", "currency_options"),
        sweep=Sweep("A catalogue is small, and one request a day makes sure that it is right"),
    ),
    Resource(
        "coupons",
        "/v1/coupons",
        "coupon",
        "coupon_read",
        "Coupons",
        expand=("applies_to", "currency_options"),
        sweep=Sweep(
            "No event tells that a coupon was redeemed (`times_redeemed`) or ran out (`valid`)"
        ),
    ),
    Resource(
        "promotion_codes",
        "/v1/promotion_codes",
        "promotion_code",
        "promotion_code_read",
        "Promotion Codes",
        sweep=Sweep(
            "No event tells that a promotion code was deleted, redeemed (`times_redeemed`) or ran "
            "out (`active`)"
        ),
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
        sweep=Sweep(
            "An event may be missed, and a live subscription with an old status counts in every "
            "figure; no event reports each change to its items",
            every=7 * DAY,
            # Without a status Stripe lists those that aren't canceled.
            lists=((),),
            statuses=frozenset(
                {"incomplete", "trialing", "active", "past_due", "unpaid", "paused"}
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
        sweep=Sweep(
            "No event tells that an invoice item or a line was changed, which only a draft or an "
            "open invoice still can have happen to it",
            every=7 * DAY,
            lists=((("status", "draft"),), (("status", "open"),)),
            statuses=frozenset({"draft", "open"}),
        ),
    ),
    Resource(
        "invoice_payments",
        "/v1/invoice_payments",
        "invoice_payment",
        "invoice_read",
        "Invoices",
        unannounced=Unannounced(
            "Only a paid one has an event; it is opened when its invoice is finalized",
            along_with=("invoices", "charges"),
        ),
        sweep=Sweep(
            "No event tells that an open invoice payment was canceled",
            lists=((("status", "open"),),),
            statuses=frozenset({"open"}),
        ),
    ),
    Resource(
        "charges",
        "/v1/charges",
        "charge",
        "charge_read",
        "Charges and Refunds",
        unannounced=Unannounced(
            "Money is not left to events alone: not each way of paying sends the same ones",
            along_with=("invoices", "invoice_payments", "checkout_sessions", "refunds", "disputes"),
        ),
        sweep=Sweep(
            "Without events nothing reports that a payment was captured, refunded or failed, which "
            "mostly happens within a week",
            every=None,
            lists=(),
            recent=7 * DAY,
            statuses=frozenset({"pending"}),
        ),
    ),
    Resource(
        "refunds",
        "/v1/refunds",
        "refund",
        "charge_read",
        "Charges and Refunds",
        unannounced=Unannounced(
            "Refunds of some ways of paying have no event of their own, only their charge's",
            along_with=("charges", "credit_notes"),
        ),
        sweep=Sweep(
            "Without events nothing reports how a pending refund ended",
            every=None,
            lists=(),
            statuses=frozenset({"pending", "requires_action"}),
        ),
    ),
    Resource(
        "credit_notes",
        "/v1/credit_notes",
        "credit_note",
        "credit_note_read",
        "Credit notes",
        nested=(NestedList("lines", "/v1/credit_notes/{id}/lines"),),
        unannounced=Unannounced(
            "Money is not left to events alone; a credit note changes its invoice, which has one",
            along_with=("invoices", "refunds", "customers"),
        ),
    ),
    Resource(
        "disputes",
        "/v1/disputes",
        "dispute",
        "dispute_read",
        "Disputes",
        unannounced=Unannounced(
            "Money is not left to events alone; a dispute changes its charge, which has one",
            along_with=("charges",),
        ),
        sweep=Sweep(
            "An event may be missed, and an open dispute holds money that is lost or comes back",
            every=7 * DAY,
            # Disputes can't be listed by status.
            lists=(),
            statuses=_DISPUTES_UNDER_WAY,
        ),
    ),
    Resource(
        "checkout_sessions",
        "/v1/checkout/sessions",
        "checkout.session",
        "checkout_session_read",
        "Checkout Sessions",
        expand=("line_items",),
        nested=(NestedList("line_items", "/v1/checkout/sessions/{id}/line_items"),),
        unannounced=Unannounced(
            "No event tells that a session was opened; what becomes of it has one. It is open for "
            "a day at most unless the shop says otherwise",
            along_with=("customers", "charges", "subscriptions"),
            every=6 * HOUR,
        ),
        sweep=Sweep(
            "Without events nothing reports whether an open session was completed or expired",
            every=None,
            lists=((("status", "open"),),),
            statuses=frozenset({"open"}),
        ),
    ),
    Resource("events", "/v1/events", "event", "event_read", "Events"),
)

BY_NAME = {resource.name: resource for resource in RESOURCES}
BY_OBJECT = {resource.object: resource for resource in RESOURCES}
