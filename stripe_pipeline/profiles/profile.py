"""One customer in the published marts: the profile, and all the rows that it is computed from."""

from dataclasses import dataclass

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.profiles.person import links_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.readers import Marts, Row, from_json

# The marts that are looked up by customer: the name in the answer, the mart, its order.
_PARTS = (
    ("orders", "orders", "ordered_at desc, order_id desc"),
    ("coupons", "order_coupons", "order_id, coupon"),
    ("sales", "sales_facts", "day, order_id, fact, fact_id"),
    ("subscriptions", "subscriptions", "created_at desc, subscription_id"),
    ("segments", "segment_members", "segment"),
    ("points", "loyalty_ledger", "occurred_at, entry_id"),
    ("origins", "profile_origins", "field, part, role"),
)
_THEIRS = "from mart where stripe_customer_id = ?"
_RATES = """
    select currency, max_by(rate, day) as rate, max(day) as day
    from mart where day <= ? group by currency order by currency
"""


@dataclass(frozen=True)
class Customer:
    """The rows of one customer: orders newest first, sales and points oldest first.

    `origins` has what each computed field is made of, as in marts.profile_origins.
    `person` has the links to the other customers and guest payments of the same person. `clock` has
    the as-of instant and the reporting currency and zone, and `rates` the exchange rates of that
    day: `currency`, `rate` and the `day` since which it holds.
    """

    profile: Row
    orders: list[Row]
    coupons: list[Row]
    sales: list[Row]
    subscriptions: list[Row]
    segments: list[Row]
    points: list[Row]
    origins: list[Row]
    person: list[Row]
    clock: Row
    rates: list[Row]


def find_customer(settings: Settings, customer_id: str) -> Customer:
    """Return everything that is published about a customer, from one set of marts.

    Raises:
        PipelineError: nothing is published yet, or there is no such profile.
    """
    marts = Marts(settings)
    profile = find_profile(marts, customer_id)
    parts = {
        name: marts.rows(mart, f"{_THEIRS} order by {order}", [customer_id])
        for name, mart, order in _PARTS
    }
    for stay in parts["segments"]:
        stay["why"] = from_json(stay["why"])
    clock = marts.clock()
    rates = marts.rows("exchange_rates", _RATES, [clock["as_of_local"].date()])
    return Customer(profile, **parts, person=links_of(marts, customer_id), clock=clock, rates=rates)


def find_profile(marts: Marts, customer_id: str) -> Row:
    """Return a customer's row of customer_profiles.

    Raises:
        PipelineError: there is none; the reason is given where the marts know it.
    """
    found = marts.rows("customer_profiles", _THEIRS, [customer_id])
    if not found:
        raise PipelineError(_why_not(marts, customer_id))
    return found[0]


def _why_not(marts: Marts, given: str) -> str:
    if "@" in given:
        return _about_address(marts, given)
    order = marts.rows("orders", "from mart where order_id = ?", [given])
    if order:
        return _about_order(order[0])
    subscription = marts.rows("subscriptions", "from mart where subscription_id = ?", [given])
    if subscription:
        return _belongs(given, "a subscription", subscription[0]["stripe_customer_id"])
    theirs = [count for mart in ("orders", "subscriptions", "loyalty_ledger")
              if (count := _count(marts, mart, given))]  # fmt: skip
    if theirs:
        orders = counted(_count(marts, "orders", given), "order")
        return (
            f"Customer {given} has no profile any more, because Stripe or `stripe-pipeline forget` "
            f"deleted it: the sales keep {orders} under the id alone. What is left of it "
            "is in marts.orders and marts.loyalty_ledger."
        )
    example = marts.rows("customer_profiles", "select min(stripe_customer_id) as id from mart")
    known = f" An id that exists is {example[0]['id']}." if example[0]["id"] else ""
    return (
        f"There is no profile of customer {given}, and no order: Stripe had no such customer when "
        "it was last read, or it is on a test clock, which keeps it out of every mart. Give an id "
        f"as Stripe shows it.{known}"
    )


def _about_order(order: Row) -> str:
    customer = order["stripe_customer_id"]
    if customer is None:
        return (
            f"{order['order_id']} is a payment of a guest, and guests have no profile; its amounts "
            "are in marts.orders, and whose it may be in marts.person_links."
        )
    return _belongs(order["order_id"], "an order", customer)


def _belongs(given: str, kind: str, customer: str) -> str:
    return (
        f"{given} is {kind} of customer {customer}; ask with `stripe-pipeline profile {customer}`."
    )


def _about_address(marts: Marts, address: str) -> str:
    """Return which ids to ask for, without the address: the message may be kept in a log."""
    same = "select stripe_customer_id as id from mart where ? in (email, email_raw) order by 1"
    found = marts.rows("customer_profiles", same, [address]) or marts.rows(
        "customer_profiles", same, [address.lower()]
    )
    theirs = ", ".join(row["id"] for row in found)
    return "A profile is asked for by the customer's id, and " + (
        f"this email address is that of {theirs}." if theirs else "no one has this email address."
    )


def _count(marts: Marts, mart: str, customer_id: str) -> int:
    rows: int = marts.rows(mart, f"select count(*) as rows {_THEIRS}", [customer_id])[0]["rows"]
    return rows
