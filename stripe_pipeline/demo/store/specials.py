"""The edge cases' lives: one for each case that real accounts have and tests must cover."""

from stripe_pipeline.demo.store.special_guests import GUESTS
from stripe_pipeline.demo.store.special_payments import PAYMENTS, abandoning, credited
from stripe_pipeline.demo.store.special_plans import PLANS
from stripe_pipeline.demo.store.special_subscriptions import (
    SUBSCRIPTIONS,
    Life,
    downgraded,
    lapsed,
    newcomer,
)

# Those that leave credit are last: it would pay for invoices that others need unpaid.
SPECIALS: list[Life] = [*SUBSCRIPTIONS, *PAYMENTS, *PLANS, *GUESTS, downgraded, credited]
# These are special by what didn't happen, so they aren't combined with other lives.
ALONE: list[Life] = [lapsed, newcomer, abandoning]
